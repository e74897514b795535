from stanchion.keys.names import key_table
from stanchion.quotas.names import quota_table
from stanchion.tickets.names import ticket_queue, ticket_table


def test_what_belongs_to_an_environment_carries_its_name() -> None:
    assert key_table("prod") == "prod-keys"
    assert quota_table("prod") == "prod-quotas"
    assert ticket_table("prod") == ticket_queue("prod") == "prod-tickets"
