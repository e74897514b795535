from sandbox.delivery.metrics import count
from tests.unit.sandbox.delivery.fake_clients import FakeClients, refusal


def test_one_is_added_to_a_metric():
    clients = FakeClients()
    count(clients.as_clients(), "us-east-1", "AWS/Scheduler", "TargetErrorCount", {"ScheduleGroup": "g"})
    (asked,) = clients.calls("cloudwatch.put_metric_data")
    (datum,) = asked["MetricData"]
    assert (asked["Namespace"], datum["MetricName"], datum["Value"]) == ("AWS/Scheduler", "TargetErrorCount", 1.0)


def test_a_cloud_that_can_not_count_loses_nothing_else():
    clients = FakeClients({"cloudwatch.put_metric_data": refusal("ServiceUnavailable", 503)})
    count(clients.as_clients(), "us-east-1", "AWS/Scheduler", "TargetErrorCount", {})
    assert clients.asked
