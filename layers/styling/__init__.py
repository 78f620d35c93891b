"""How a person lets a layer be drawn: symbols, classes, labels, and the files that hold them."""
