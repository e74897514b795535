"""The one question of a run, and what makes asking it again the same question."""

import re
from datetime import datetime
from hashlib import sha256

from stanchion.minutes.row import MinuteError
from stanchion.minutes.settings import MinuteSettings
from stanchion.minutes.window import Window
from stanchion.views.rendering import over_arrivals

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def minutes_query(settings: MinuteSettings, asked: Window) -> str:
    """What Athena is asked: the view `minutes` over the window's arrivals, of this region's gateways alone.

    A bucket may hold another region's events as well, by replication; there they are counted, and would be twice.

    Args:
        settings: of the function.
        asked: the window.

    Raises:
        MinuteError: the region's name is none.
        ViewError: a name of the catalogue that is none.
    """
    if not _REGION.fullmatch(settings.region):
        raise MinuteError(f"'{settings.region}' is no name of a region; allowed are such as us-east-1.")
    where = f"region = '{settings.region}' AND minute >= TIMESTAMP '{asked.first:%Y-%m-%d %H:%M:%S}'"
    return over_arrivals("minutes", settings.database, settings.events_table, asked.hours, where)


def request_token(settings: MinuteSettings, now: datetime, query: str) -> str:
    """The same for every try within a minute, so that Athena runs and bills the query once.

    Args:
        settings: of the function.
        now: the time of the run.
        query: since another one under the same token would be refused.
    """
    told = [settings.environment, settings.region, f"{now:%Y-%m-%dT%H:%M}", query]
    return sha256("\n".join(told).encode()).hexdigest()
