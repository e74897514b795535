"""What of requests and answers gets into events: fields are dropped or hashed, the rest is sampled and cut.

A field is meant by its name, without regard to case: a key of an object, or the `name` of a tensor of the Open
Inference Protocol, which has its values in `data` beside it. JSON within a text, such as the arguments of a tool call,
is gone through as well; a text that holds such a name in quotes and can't be read as JSON is left out, since what
stands in it can't be known.
"""

import hmac
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, cast

from stanchion.events.encoding import text_of
from stanchion.serving.gateway_configuration import PayloadRules

# Hexadecimal digits of a hash: 128 bits, which no two users of one environment share.
_DIGITS = 32
# A document that is deeper is left out; the reader of JSON gives up at about a thousand.
_DEEPEST = 200
_GONE = object()
# What says how to read a tensor, and is of no person.
_OF_A_TENSOR = frozenset({"name", "datatype", "shape"})
_JSON_BEGINS = frozenset('{["')


@dataclass(frozen=True, slots=True)
class HashKey:
    """The key of keyed hashes.

    Args:
        id: which one it is, in events.
        secret: never shown.
    """

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise ValueError(f"the hash key '{self.id}' has {len(self.secret)} bytes; allowed: 16 or more.")

    def hash(self, value: Any) -> str:
        """HMAC-SHA256 of a text, or of the JSON of anything else, cut to 128 bits."""
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
        return hmac.digest(self.secret, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:_DIGITS]


def user_hash(user: str, key: HashKey | None) -> tuple[str, str]:
    """Hash of a user, and the id of its key; both empty for nobody, and when there is no key."""
    return (key.hash(user), key.id) if user and key is not None else ("", "")


def sample_weight(request_id: str, share: float) -> float:
    """How many requests this one stands for; 0 when it is not in the sample.

    The same request is always in or out, in every gateway, and one in a sample is in each larger one.

    Args:
        request_id: of the request.
        share: of all requests, 0 to 1.
    """
    if share <= 0:
        return 0.0
    number = int.from_bytes(blake2b(request_id.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return 1.0 / share if number < share * 2.0**64 else 0.0


def without_personal(document: Any, rules: PayloadRules, key: HashKey | None) -> Any:
    """A document without the values of the fields of `rules.drop`, and with hashes for those of `rules.hash`.

    Args:
        document: what `json.loads` gives.
        rules: of the endpoint.
        key: of hashes; without one, fields that should be hashed are dropped.
    """
    cleaned = _Cleaner(rules, key).clean(document)
    return None if cleaned is _GONE else cleaned


def cut(text: str, largest_bytes: int) -> str:
    """The beginning of a text that has at most so many bytes in UTF-8, without half a character at its end."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= largest_bytes:
        return encoded.decode("utf-8")
    return encoded[:largest_bytes].decode("utf-8", "ignore")


def features(request: Any, rules: PayloadRules, key: HashKey | None) -> dict[str, Any]:
    """Tensors of a request of the Open Inference Protocol by name; the last ones go when they are too large together.

    Args:
        request: the request's body, read; anything else has no features.
        rules: of the endpoint.
        key: of hashes.
    """
    cleaned = without_personal(request, rules, key)
    inputs: Any = cast("dict[str, Any]", cleaned).get("inputs") if isinstance(cleaned, dict) else None
    found: dict[str, Any] = {}
    # Two braces, and for each entry the quotes, colon and comma around its parts.
    size = 2
    for each in cast("list[Any]", inputs) if isinstance(inputs, list) else []:
        tensor = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        name, data = tensor.get("name"), tensor.get("data")
        if not isinstance(name, str) or data is None or name in found:
            continue
        size += len(text_of({name: data}).encode("utf-8", "replace")) - 1
        if size > rules.largest_bytes:
            break
        found[name] = data
    return found


def prediction(answer: bytes, rules: PayloadRules, key: HashKey | None) -> str:
    """What came back, as text: JSON, or a stream of server-sent events, or else only without rules on fields.

    Args:
        answer: the answer's body.
        rules: of the endpoint.
        key: of hashes.
    """
    try:
        text = answer.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    if not (rules.drop or rules.hash):
        return cut(text, rules.largest_bytes)
    whole = _read(text)
    if whole is not _GONE:
        return cut(text_of(without_personal(whole, rules, key)), rules.largest_bytes)
    lines = [line.strip() for line in text.splitlines()]
    told = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    documents = [_read(line) for line in told if line != "[DONE]"]
    if not documents or any(document is _GONE for document in documents):
        return ""
    return cut(
        "\n".join(text_of(without_personal(document, rules, key)) for document in documents), rules.largest_bytes
    )


def payload(
    request: Any, answer: bytes, request_id: str, rules: PayloadRules, key: HashKey | None
) -> tuple[dict[str, Any], str, float]:
    """Features, prediction and the weight of the sample; nothing of a request that is not in it."""
    weight = sample_weight(request_id, rules.sample)
    if not weight:
        return {}, "", 0.0
    return features(request, rules, key), prediction(answer, rules, key), weight


@dataclass(slots=True)
class _Cleaner:
    rules: PayloadRules
    key: HashKey | None
    drop: frozenset[str] = field(init=False)
    hash: frozenset[str] = field(init=False)
    quoted: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        drop, hashed = _names(self.rules.drop), _names(self.rules.hash)
        self.drop = drop if self.key is not None else drop | hashed
        self.hash = hashed - self.drop
        names = "|".join(re.escape(name) for name in sorted(self.drop | self.hash))
        # Escaped once for each text that it is within.
        self.quoted = re.compile(rf"""["'](?:{names})\\*["']""") if names else None

    def clean(self, value: Any, depth: int = 0) -> Any:
        if depth > _DEEPEST:
            return _GONE
        if isinstance(value, dict):
            return self._mapping(cast("dict[str, Any]", value), depth)
        if isinstance(value, list):
            cleaned = (self.clean(each, depth + 1) for each in cast("list[Any]", value))
            return [each for each in cleaned if each is not _GONE]
        return self._text(value, depth) if isinstance(value, str) else value

    def _mapping(self, mapping: dict[str, Any], depth: int) -> Any:
        name = mapping.get("name")
        named = name.casefold() if isinstance(name, str) and "data" in mapping else ""
        if named in self.drop:
            return _GONE
        made: dict[str, Any] = {}
        for key, value in mapping.items():
            folded = key.casefold()
            if folded in self.drop:
                continue
            if folded in self.hash or (named in self.hash and key not in _OF_A_TENSOR):
                made[key] = self._hashed(value)
            elif (cleaned := self.clean(value, depth + 1)) is not _GONE:
                made[key] = cleaned
        return made

    def _hashed(self, value: Any) -> str:
        assert self.key is not None, "without a key, fields are dropped"  # noqa: S101 - held by __post_init__
        return self.key.hash(value)

    def _text(self, text: str, depth: int) -> Any:
        if self.quoted is None:
            return text
        document = _read(text) if text.lstrip()[:1] in _JSON_BEGINS else _GONE
        if document is not _GONE:
            cleaned = self.clean(document, depth + 1)
            if cleaned == document:
                return text
            return _GONE if cleaned is _GONE else text_of(cleaned)
        return _GONE if self.quoted.search(text.casefold()) else text


def _names(names: Collection[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _read(text: str) -> Any:
    """The document of a text; `_GONE` when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _GONE
