"""Values as Kubernetes writes them: durations, sizes, and counts that may be percentages."""

import math
import re
from dataclasses import dataclass

from stanchion.graph import Setting, Unsettled
from stanchion.recovery.term import Amount

_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(k|K|M|G|T|Ki|Mi|Gi|Ti)?B?")
_FACTOR = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12} | {
    f"{letter}i": 1024.0**power for power, letter in enumerate("KMGT", start=1)
}


def seconds(setting: Setting, default: float) -> Amount:
    """A duration such as `90s`, `1h30m` or a plain number of seconds; `Never` is unbounded."""
    if gap := setting.unsettled:
        return gap
    value = setting.value
    if isinstance(value, str):
        text = value.strip()
        if text.lower() == "never":
            return math.inf
        if _DURATION.fullmatch(text):
            return sum(float(count) * _UNIT_SECONDS[unit] for count, unit in _PART.findall(text))
    number = setting.number(default)
    if isinstance(number, Unsettled) or not math.isfinite(number) or number < 0:
        return setting.wrong("a duration such as 90s or 5m")
    return number


def size(setting: Setting) -> float | Unsettled:
    """A number of bytes such as `12Gi` or `500000000`."""
    if gap := setting.unsettled:
        return gap
    match = _SIZE.fullmatch(str(setting.value).strip()) if isinstance(setting.value, str | int | float) else None
    if match is None or isinstance(setting.value, bool):
        return setting.wrong("a size such as 12Gi")
    return float(match[1]) * _FACTOR[match[2] or ""]


def cores(setting: Setting) -> float | Unsettled:
    """A number of CPUs such as `64`, `1k` or `1500m`."""
    if gap := setting.unsettled:
        return gap
    value = setting.value
    if isinstance(value, str) and re.fullmatch(r"\d{1,12}m", value.strip()):
        return int(value.strip()[:-1]) / 1000
    number = size(setting)
    return setting.wrong("a number of CPUs such as 64") if isinstance(number, Unsettled) else number


def count(setting: Setting, default: float) -> float | Unsettled:
    """A whole number that is not negative."""
    number = setting.number(default)
    if isinstance(number, Unsettled):
        return number
    if not math.isfinite(number) or number < 0 or number != int(number):
        return setting.wrong("a whole number of 0 or more")
    return number


@dataclass(frozen=True, slots=True)
class Portion:
    """A count, or whole percents of something."""

    number: int
    percent: bool

    def of(self, whole: float, *, up: bool) -> float:
        """How many that is, rounded up or down as the field has it."""
        if not self.percent:
            return float(self.number)
        # In whole numbers: 0.07 * 100 is not 7 in floating point, and a share of one pod too many decides here.
        hundredths = self.number * int(whole)
        return float(-(-hundredths // 100) if up else hundredths // 100)


def portion(setting: Setting, default: str | int) -> Portion | Unsettled:
    """A count or a percentage, such as `25%`."""
    if gap := setting.unsettled:
        return gap
    value = default if setting.value is None else setting.value
    if isinstance(value, str) and re.fullmatch(r"\d{1,4}%", value.strip()):
        return Portion(int(value.strip()[:-1]), True)
    number = count(Setting(setting.resource, setting.path, value), 0)
    return number if isinstance(number, Unsettled) else Portion(int(number), False)


def share(setting: Setting, default: str | int, of: float, *, up: bool) -> float | Unsettled:
    """A count or a percentage of `of`, rounded up or down as the field has it."""
    found = portion(setting, default)
    return found if isinstance(found, Unsettled) else found.of(of, up=up)
