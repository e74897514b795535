from sandbox.delivery.clients import Clients


def test_a_client_is_made_once_for_each_service_and_region():
    clients = Clients("http://127.0.0.1:1")
    first = clients.of("sqs", "us-east-1")
    assert clients.of("sqs", "us-east-1") is first
    other = clients.of("sqs", "us-west-2")
    assert (other.meta.region_name, other.meta.endpoint_url) == ("us-west-2", "http://127.0.0.1:1")
    # Whoever delivers tries again by the policy of what is delivered.
    assert other.meta.config.retries["total_max_attempts"] == 1
