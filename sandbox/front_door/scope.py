"""Which service and region a request is for, as its signature says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

# AKID/20260101/eu-west-1/s3/aws4_request, and without the region in the asymmetric form of the signature.
_CREDENTIAL = re.compile(r"(?P<key>[^/]+)/(?P<date>\d{8})/(?:(?P<region>[^/]+)/)?(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True)
class Scope:
    """Service (its signing name, such as `monitoring`) and region of a request; None for what it does not say."""

    service: str | None = None
    region: str | None = None


def scope_of(headers: Mapping[str, str], query: str) -> Scope:
    """Read the credential scope of Signature Version 4 (AWS IAM User Guide, "AWS API request signature elements").

    Args:
        headers: of the request, looked up without regard to case.
        query: the raw query string; a presigned URL carries its scope there.
    """
    text = headers.get("Authorization", "")
    regions = headers.get("X-Amz-Region-Set", "")
    if "Credential=" in text:
        text = text.split("Credential=", 1)[1].split(",", 1)[0].strip()
    elif "X-Amz-Credential" in query:
        values = parse_qs(query)
        text = values.get("X-Amz-Credential", [""])[0]
        regions = regions or values.get("X-Amz-Region-Set", [""])[0]
    match = _CREDENTIAL.fullmatch(text)
    if match is None:
        return Scope()
    return Scope(match["service"], match["region"] or regions.split(",", 1)[0].strip() or None)
