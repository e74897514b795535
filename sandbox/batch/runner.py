"""Moves jobs on: from RUNNABLE to a process on this machine, to its end, and to another attempt where there is one."""

import asyncio
from dataclasses import dataclass
from enum import Enum

from sandbox.batch import environments, jobs, queues
from sandbox.batch.errors import BatchError
from sandbox.batch.events import Changes, Publish
from sandbox.batch.host import Host, NoCommandError, Place, Process, timeout_of
from sandbox.batch.logs import publish, stream_of
from sandbox.batch.records import Document, Records, arn, name_in, new_id, now
from sandbox.batch.retries import Failure, is_retried

# What a container has to end in (ECS agent, ECS_CONTAINER_STOP_TIMEOUT).
STOP_SECONDS = 30.0
# When the local cloud stops, its own end is near.
_CLOSING_SECONDS = 2.0
EXITED = "Essential container in task exited"
TIMED_OUT = "Job attempt duration exceeded timeout"


class Cause(Enum):
    """Why an attempt is ended from outside."""

    HOST = "host"  # it is gone; the retry rules decide
    TERMINATED = "terminated"  # somebody asked for it; never retried
    TIMEOUT = "timeout"  # never retried either (Batch user guide, job timeouts)


@dataclass(frozen=True)
class Stop:
    """An order to end an attempt."""

    cause: Cause
    reason: str
    grace: float


@dataclass(frozen=True)
class _UnderWay:
    task: asyncio.Task[None]
    stop: asyncio.Future[Stop]
    environment: str
    vcpus: int


class Runner:
    """Runs the jobs of all regions; used from one event loop only.

    Args:
        records: what Batch knows.
        host: what jobs run on.
        publish: is given an event for each change of a job's state.
    """

    def __init__(self, records: Records, host: Host, publish: Publish = lambda *_: None) -> None:
        self._records = records
        self._host = host
        self._changes = Changes(records, publish)
        self._under_way: dict[str, _UnderWay] = {}
        self._closing = False

    def resume(self) -> None:
        """Go on after a start: what was running has lost its host."""
        for _, job in self._records.jobs():
            if job["status"] in jobs.UNDER_WAY:
                self._ended(job, {"startedAt": job.get("startedAt", now())}, Failure(_host_gone(_instance())))
        self.turn()

    def turn(self) -> None:
        """Start what can be started; called after every change."""
        # A job that starts at once was RUNNABLE first.
        self._changes.look()
        waiting = [(region, job) for region, job in self._records.jobs() if job["status"] == "RUNNABLE"]
        waiting.sort(key=lambda each: (-self._queue(*each).get("priority", 0), each[1]["createdAt"]))
        for region, job in waiting if not self._closing else ():
            environment = self._room(region, job)
            if environment is not None:
                job["status"] = "STARTING"
                stop: asyncio.Future[Stop] = asyncio.get_running_loop().create_future()
                task = asyncio.create_task(self._attempt(region, job, environment, stop))
                self._under_way[job["jobId"]] = _UnderWay(task, stop, f"{region}/{environment}", jobs.vcpus(job))
        self._keep()

    def _keep(self) -> None:
        """Write down what has changed, and tell of it."""
        self._records.save()
        self._changes.look()

    def _queue(self, region: str, job: Document) -> Document:
        return queues.found(self._records.region(region), region, job["jobQueue"])

    def _room(self, region: str, job: Document) -> str | None:
        """The first compute environment of the queue's order that takes the job now."""
        here = self._records.region(region)
        order = sorted(self._queue(region, job)["computeEnvironmentOrder"], key=lambda each: each["order"])
        for each in order:
            name = name_in(each["computeEnvironment"], region, environments.KIND)
            environment = here.environments.get(name, {"state": "DISABLED"})
            most = environment.get("computeResources", {}).get("maxvCpus", 0)
            used = sum(one.vcpus for one in self._under_way.values() if one.environment == f"{region}/{name}")
            if environment["state"] == "ENABLED" and used + jobs.vcpus(job) <= most:
                return name
        return None

    async def _attempt(self, region: str, job: Document, environment: str, stop: asyncio.Future[Stop]) -> None:
        number = len(job["attempts"]) + 1
        place = Place(region, name_in(job["jobQueue"], region, queues.KIND), environment, number)
        instance, task = new_id(), new_id()
        stream = stream_of(job, task)
        told: Document = {
            "container": {
                "containerInstanceArn": arn(region, "container-instance", f"AWSBatch-{environment}/{instance}", "ecs"),
                "taskArn": arn(region, "task", f"AWSBatch-{environment}/{task}", "ecs"),
                "logStreamName": stream,
            },
            "startedAt": now(),
        }
        try:
            seconds = timeout_of(job)
            with self._host.scratch() as scratch:
                process = await self._host.start(job, place, scratch)
                job |= {"status": "RUNNING", "startedAt": told["startedAt"]}
                _tell(job, told["container"])
                self._keep()
                failure, final = await self._follow(process, seconds, stop)
            # Before the end is told: who sees it can read the log.
            await publish(self._host.endpoint, region, job, stream, self._host.log_file(job, number))
        except NoCommandError as error:
            # Like an invalid definition: there was no attempt, and there is no other.
            jobs.fail(job, str(error))
        except OSError as error:
            failure = Failure("Task failed to start", f"CannotStartContainerError: {error}")
            self._ended(job, told, failure)
        else:
            self._ended(job, told, failure, final=final)
        finally:
            del self._under_way[job["jobId"]]
            self.turn()

    async def _follow(
        self, process: Process, seconds: float | None, stop: asyncio.Future[Stop]
    ) -> tuple[Failure | None, bool]:
        """Wait for the end of an attempt: how it failed if it did, and whether that is final whatever the rules say."""
        ended = asyncio.ensure_future(process.wait())
        done, _ = await asyncio.wait({ended, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended in done:
            code = ended.result()
            return (None if code == 0 else Failure(EXITED, exit_code=code)), False
        order = stop.result() if stop in done else Stop(Cause.TIMEOUT, TIMED_OUT, STOP_SECONDS)
        code = await process.end(order.grace)
        await ended
        if order.cause is Cause.HOST:
            # Nobody is left to tell how the container ended.
            return Failure(order.reason), False
        return Failure(order.reason, exit_code=code), True

    def _ended(self, job: Document, told: Document, failure: Failure | None, *, final: bool = False) -> None:
        """Write down an attempt and what comes after it."""
        container = told.setdefault("container", {})
        if failure is None or failure.exit_code is not None:
            container["exitCode"] = 0 if failure is None else failure.exit_code
        if failure is not None and failure.reason:
            container["reason"] = failure.reason
        said = EXITED if failure is None else failure.status_reason
        told |= {"stoppedAt": now(), "statusReason": said}
        job["attempts"].append(told)
        _tell(job, container)
        again = failure is not None and not final and is_retried(job["retryStrategy"], len(job["attempts"]), failure)
        if again:
            job |= {"status": "RUNNABLE", "statusReason": said}
            job.pop("startedAt", None)
        elif failure is None:
            job |= {"status": "SUCCEEDED", "statusReason": said, "stoppedAt": told["stoppedAt"]}
        else:
            jobs.fail(job, said)
        self._keep()

    def cancel(self, job: Document, reason: str) -> None:
        """CancelJob: gives up a job that has not started, and leaves all others alone."""
        if job["status"] in jobs.BEFORE_START:
            job["isCancelled"] = True
            jobs.fail(job, reason)
        self.turn()

    def terminate(self, job: Document, reason: str) -> None:
        """TerminateJob: gives up a job, whether it has started or not."""
        if job["status"] in jobs.UNDER_WAY:
            job["isTerminated"] = True
            self._order(job, Stop(Cause.TERMINATED, reason, STOP_SECONDS))
        else:
            self.cancel(job, reason)

    def interrupt(self, identity: str, grace: float = STOP_SECONDS) -> str:
        """Take a job's host away, as a spot instance is.

        Args:
            identity: the job's id.
            grace: seconds between asking its process to end and ending it.

        Returns:
            The id of the instance that it ran on.

        Raises:
            BatchError: there is no such job, or it is not running.
        """
        job = next((job for _, job in self._records.jobs() if job["jobId"] == identity), None)
        if job is None or job["status"] != "RUNNING":
            said = "there is none of this id" if job is None else f"it is {job['status']}"
            raise BatchError(f"job {identity} has no host that could be taken away: {said}", status=409)
        instance = _instance()
        self._order(job, Stop(Cause.HOST, _host_gone(instance), grace))
        return instance

    def _order(self, job: Document, stop: Stop) -> None:
        under_way = self._under_way.get(job["jobId"])
        if under_way is not None and not under_way.stop.done():
            under_way.stop.set_result(stop)

    async def close(self) -> None:
        """Stop all processes; their jobs have lost their hosts, and go on after the next start."""
        self._closing = True
        for under_way in self._under_way.values():
            if not under_way.stop.done():
                under_way.stop.set_result(Stop(Cause.HOST, _host_gone(_instance()), _CLOSING_SECONDS))
        await asyncio.gather(*(each.task for each in list(self._under_way.values())))


def _tell(job: Document, container: Document) -> None:
    """What a job says of its container: the last attempt's."""
    for name in ("exitCode", "reason"):
        job["container"].pop(name, None)
    job["container"] |= container


def _instance() -> str:
    return f"i-{new_id().replace('-', '')[:17]}"


def _host_gone(instance: str) -> str:
    """What Batch says of a job whose host was taken away (Batch user guide, automated job retries)."""
    return f"Host EC2 (instance {instance}) terminated."
