"""AWS Backup: when rules run, what selections take, which rule wins where two overlap."""
