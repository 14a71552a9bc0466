"""One source that could not deliver; the next one is tried."""


class FetchFailure(Exception):
    """A source did not deliver a file.

    Args:
        why: one line for people, without the name of the source.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
