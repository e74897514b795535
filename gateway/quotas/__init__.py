"""What callers may use: decided in memory, with counters that all gateways of all regions share."""
