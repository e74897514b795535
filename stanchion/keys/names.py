"""What the table of API keys is called."""

# Partition key of the table; there is no sort key. It is a global table: a key holds in both regions.
PARTITION_KEY = "id"


def key_table(environment: str) -> str:
    """The table of an environment's keys, in each of its regions."""
    return f"{environment}-keys"
