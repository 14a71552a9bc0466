"""The operator command line `doorward`, a client like any other."""
