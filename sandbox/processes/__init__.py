"""The processes of the local cloud: what is started, and the supervisor that looks after them."""
