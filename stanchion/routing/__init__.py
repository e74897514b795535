"""Which version of an endpoint gets which share of the requests, on which rung, and who decided so."""
