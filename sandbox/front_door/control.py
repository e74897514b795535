"""A client of the front door's control API."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from sandbox.errors import SandboxError
from sandbox.front_door.faults import Fault
from sandbox.ports import LOOPBACK

# The control API is on this machine: no proxy of the user's has a say in it.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Control:
    """Adds, lists and heals faults.

    Args:
        port: of the front door.
    """

    def __init__(self, port: int) -> None:
        self._address = f"http://{LOOPBACK}:{port}/_stanchion/"

    def faults(self) -> list[Fault]:
        """The faults in force."""
        return [Fault.from_json(each) for each in self._ask("GET", "status")["faults"]]

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._ask("POST", "faults", fault.as_json())

    def heal(self, region: str | None = None, service: str | None = None) -> list[Fault]:
        """Take away the matching faults, all when nothing is given; returns them."""
        query = urlencode({key: value for key, value in (("region", region), ("service", service)) if value})
        return [Fault.from_json(each) for each in self._ask("DELETE", f"faults?{query}")["healed"]]

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self._address + path, data=data, method=method)  # noqa: S310 - a loopback URL
        try:
            with _OPENER.open(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(json.load(error)["error"]) from None
        except (OSError, ValueError) as error:
            raise SandboxError(
                f"the local cloud's front door does not answer ({error}); start it with `make up`."
            ) from None
