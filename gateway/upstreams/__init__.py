"""The models' servers: which replicas there are, which of them is asked, and when one is left alone."""
