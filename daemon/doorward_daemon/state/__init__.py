"""The data folder: who holds it, which device it is, which operations were recorded."""
