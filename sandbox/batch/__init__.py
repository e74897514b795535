"""AWS Batch of the local cloud: its API, and a runner whose jobs are processes on this machine."""
