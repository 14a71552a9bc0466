"""The evaluation report: everything `eval` measures on one folder, with intervals, as one page and one document."""
