"""Values that rooms pass to each other: frozen, shaped, in named units; of libraries they name numpy types only."""
