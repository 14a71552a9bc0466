"""How a box gets a pack whole again."""

OWN_CHECKPOINT = "rts"
"""The pack that is made of a checkpoint the user brings; no catalogue has it."""


def way_to(pack: str) -> str:
    """What to do for a pack that is missing, damaged or older than this version, to follow a semicolon.

    Args:
        pack: its name.
    """
    if pack == OWN_CHECKPOINT:
        return "make it with `python -m doorward_export rts CHECKPOINT`"
    return f"run `doorwardd models pull {pack}`"
