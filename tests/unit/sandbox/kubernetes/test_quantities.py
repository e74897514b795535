import pytest

from sandbox.kubernetes.quantities import number


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("500m", 0.5),
        ("2", 2.0),
        (3, 3.0),
        ("1.5", 1.5),
        ("8Gi", 8 * 2**30),
        ("1e3", 1000.0),
        ("2k", 2000.0),
        ("1M", 1e6),
    ],
)
def test_quantities_are_numbers(quantity: object, expected: float):
    assert number(quantity) == expected


@pytest.mark.parametrize("quantity", ["", "8 GiB", "Gi", "1.2.3x"])
def test_what_is_no_quantity_is_refused_by_name(quantity: str):
    with pytest.raises(ValueError, match="is no quantity of Kubernetes"):
        number(quantity)
