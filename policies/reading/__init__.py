"""What several rules read out of a program: buckets with their parts, policy documents, backup plans, spot capacity."""
