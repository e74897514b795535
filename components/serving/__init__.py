"""What serves models: clusters, their nodes and add-ons, batch, and the entry in front of them."""
