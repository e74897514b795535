"""What stands between a client and a model's server in the comparison of gateways, and the load put on it."""
