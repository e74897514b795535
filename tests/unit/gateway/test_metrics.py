from gateway.metrics import Metrics


def test_the_time_of_an_answer_is_told_and_of_a_refusal_only_that_there_was_one() -> None:
    metrics = Metrics()
    metrics.ended("chat", "answered", "full", 30.0, 20.0)
    metrics.ended("chat", "error", "full", 9000.0, None)
    text = metrics.text().decode()
    for line in (
        'stanchion_requests_total{endpoint="chat",rung="full",status="answered"} 1.0',
        'stanchion_requests_total{endpoint="chat",rung="full",status="error"} 1.0',
        'stanchion_request_seconds_count{endpoint="chat",rung="full"} 1.0',
        'stanchion_request_seconds_sum{endpoint="chat",rung="full"} 0.03',
        'stanchion_first_byte_seconds_sum{endpoint="chat",rung="full"} 0.02',
    ):
        assert line in text
