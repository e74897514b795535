"""Where data lies and what keeps it: keys, buckets, their replication."""
