"""The values that rooms pass to each other: frozen, shaped, in named units; they know no library but numpy."""
