"""How events get from a gateway to the stream: off the way of requests, by way of the disk."""
