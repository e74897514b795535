"""What the table and the queue of tickets are called."""

# Partition key of the table; there is no sort key. It is a global table.
PARTITION_KEY = "id"
# Seconds since 1970, by which DynamoDB removes a ticket.
TIME_TO_LIVE = "remove_at"


def ticket_table(environment: str) -> str:
    """The table of an environment's tickets, in each of its regions."""
    return f"{environment}-tickets"


def ticket_queue(environment: str) -> str:
    """The queue of a region that says which tickets are new; each of both regions has its own."""
    return f"{environment}-tickets"
