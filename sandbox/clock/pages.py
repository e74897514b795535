"""Lists of the API, a page at a time."""

from collections.abc import Mapping
from typing import Any

_MOST = 100


def page(name: str, every: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """A page of a list, with the token of the next one when there is one.

    Args:
        name: of the list in the answer.
        query: `MaxResults` and `NextToken` as the client sent them.
    """
    most = min(_MOST, int(query.get("MaxResults") or _MOST))
    first = int(query.get("NextToken") or 0)
    shown = {name: every[first : first + most]}
    return {**shown, "NextToken": str(first + most)} if first + most < len(every) else shown
