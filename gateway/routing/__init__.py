"""Where the gateway has the routing document from, and how far down its ladder an endpoint is served."""
