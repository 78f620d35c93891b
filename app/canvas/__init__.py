"""The map view: what is seen, how it is painted, what the mouse does."""
