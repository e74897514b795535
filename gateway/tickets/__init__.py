"""The last rung: a request becomes a ticket that people answer."""
