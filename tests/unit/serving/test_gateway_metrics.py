from stanchion.serving import gateway_metrics as metrics


def test_each_metric_has_a_unit_and_is_explained() -> None:
    constants = {value for name, value in vars(metrics).items() if name.isupper() and isinstance(value, str)}
    dimensions = {metrics.ENVIRONMENT, metrics.ENDPOINT, metrics.TIER, metrics.STORE}
    assert constants == set(metrics.UNITS) | dimensions | {metrics.NAMESPACE} | set(metrics.STORES)
    assert metrics.__doc__ is not None
    for name in set(metrics.UNITS) | dimensions:
        assert f"`{name}`" in metrics.__doc__, name
