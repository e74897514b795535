"""One module per layer, and what a stack needs to build them."""
