"""The page of a Doorward box: what its cameras see, what was decided, how the box is."""
