"""One run of the writer: look, compose, do one step, look again, until nothing is left to do."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.routing_writer.app_config import AppConfig
from functions.routing_writer.intents_table import IntentsTable
from stanchion.errors import RunFailedError
from stanchion.routing.compose import compose, keep_routes, next_change, unknown_endpoints
from stanchion.routing.publishing import Done, Start, Wait, epoch_of_next, next_step
from stanchion.routing.writer_settings import WriterSettings

log = logging.getLogger(__name__)
# Steps in a run at most, those that somebody else overtook among them.
MOST_STEPS = 40
PAUSE_SECONDS = 0.5


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Args:
        epoch: of the document that is in service or on its way.
        deployed: whether this run started its deployment.
        unknown_endpoints: that intents name, and the region does not have.
        unreadable: by endpoint, why an intent can't be read; it is served as before.
        next_change: when the next intent expires.
    """

    epoch: int
    deployed: bool
    unknown_endpoints: tuple[str, ...]
    unreadable: dict[str, str]
    next_change: datetime | None


def run(
    settings: WriterSettings,
    table: IntentsTable,
    app_config: AppConfig,
    *,
    clock: Callable[[], datetime] = _now,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """Bring into service what is wanted.

    Args:
        settings: what is written, and where.
        table: of the intents.
        app_config: where the document goes.
        clock: gives the time.
        sleep: waits so many seconds.

    Raises:
        RunFailedError: others were quicker again and again, or AppConfig does not finish; the last good document is in
            service, and the next run goes on.
    """
    deployed = False
    refused = "a deployment is rolled back"
    for _ in range(MOST_STEPS):
        # AppConfig before the table: who publishes between the two makes the step below fail, and it is looked again.
        seen = app_config.look()
        intents, unreadable = table.read()
        now = clock()
        wanted = compose(
            intents,
            now,
            environment=settings.environment,
            region=settings.region,
            endpoints=settings.endpoints,
            epoch=epoch_of_next(seen, now),
        )
        wanted = keep_routes(wanted, seen.last, unreadable)
        step = next_step(seen, wanted)
        if isinstance(step, Done):
            # What is wanted is there; old versions must not stand in its way.
            app_config.tidy(seen)
            unknown = unknown_endpoints(intents, now, settings.endpoints)
            _tell(unknown, unreadable)
            epoch = seen.last.epoch if seen.last else wanted.epoch
            return Report(epoch, deployed, unknown, unreadable, next_change(intents, now))
        if isinstance(step, Wait):
            sleep(PAUSE_SECONDS)
        elif overtaken := app_config.do(step):
            refused = overtaken
            log.info("looking again: %s", refused)
            sleep(PAUSE_SECONDS)
        elif isinstance(step, Start):
            deployed = True
    raise RunFailedError(
        f"the routing document of '{settings.environment}' in {settings.region} can't be brought into service: after "
        f"{MOST_STEPS} looks AppConfig still holds another one ({refused}); the last good one stays, and the next run "
        "tries again."
    )


def _tell(unknown: tuple[str, ...], unreadable: dict[str, str]) -> None:
    if unknown:
        log.warning("intents for endpoints that are not there are left aside: %s", ", ".join(unknown))
    for endpoint, why in unreadable.items():
        log.error("endpoint '%s' is served as before: %s", endpoint, why)
