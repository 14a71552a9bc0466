"""The data folder: who holds it, which device it is, how its last runs ended."""
