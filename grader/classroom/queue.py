"""Grading on many machines: tasks wait in Redis (RQ, as JSON), any worker takes them, one place keeps the verdicts.

A worker that is killed or cut off leaves its task unanswered. While it works it renews a lease; when the
lease is over, the task is asked for again. Should both answer, the gradebook keeps the first.

groundup:class:<run>:files:<digest>    the submission, a zip
groundup:class:<run>:lease:<task>      who works at it, for LEASE seconds
groundup:class:<run>:verdicts          a list of answers, JSON
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, cast

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import Queue, SimpleWorker
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from grader.classroom.bundle import unpacked
from grader.classroom.gradebook import Gradebook
from grader.classroom.judging import Bench, task_of
from grader.classroom.model import Task, Verdict
from grader.classroom.runs import Runner
from grader.course import Course
from grader.errors import GraderError, GraderFault, UsageError
from grader.grading import Pool
from grader.services import Sources

QUEUE = "groundup-class"
LEASE, RENEWED = 15.0, 4.0
# A task that so many workers did not survive is not given to another one.
PATIENCE = 3
_LASTS = 7 * 24 * 3600
_PREFIX = "groundup:class"


def connect(url: str) -> Redis:
    """A client. Raises UsageError for an address that is none, GraderError where nobody answers."""
    try:
        redis = Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5, health_check_interval=15)
        redis.ping()
    except ValueError as error:
        raise UsageError(f"this is no address of a Redis: {error}", next_step="--redis redis://host:6379/0") from None
    except RedisError as error:
        raise GraderError(f"Redis does not answer: {error}", next_step="redis-cli -u URL ping") from None
    return redis


def workers(redis: Redis) -> int:
    """How many say that they work at the queue."""
    return SimpleWorker.count(connection=redis, queue=Queue(QUEUE, connection=redis, serializer=JSONSerializer))


def through(redis: Redis, gradebook: Gradebook) -> Runner:
    """By whoever works at the queue. Yields until every task has its verdict; Ctrl-C takes back what nobody began."""

    def runner(tasks: Sequence[Task]) -> Iterator[tuple[Task, Verdict]]:
        order = _Order(redis, gradebook, tasks)
        try:
            yield from order.answers()
        finally:
            order.take_back()

    return runner


class _Order:
    """One run: its tasks, how often each was asked for, and the answers."""

    def __init__(self, redis: Redis, gradebook: Gradebook, tasks: Sequence[Task]) -> None:
        self._redis, self._gradebook = redis, gradebook
        self._queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
        self.run = f"{_PREFIX}:{secrets.token_hex(6)}"
        self._open = {task.key: task for task in tasks}
        self._asked: dict[str, int] = {}
        self._jobs: dict[str, str] = {}
        self._missed: set[str] = set()
        for task in tasks:
            self._ask(task)

    def _ask(self, task: Task) -> None:
        files = f"{self.run}:files:{task.digest}"
        if not self._redis.exists(files):
            self._redis.set(files, self._gradebook.archive(task.digest), ex=_LASTS)
        self._asked[task.key] = self._asked.get(task.key, 0) + 1
        name = f"{self.run.rpartition(':')[2]}-{task.key[:24]}-{self._asked[task.key]}"
        self._queue.enqueue_call(
            "grader.classroom.queue.judge",
            kwargs={"run": self.run, **asdict(task)},
            job_id=name,
            timeout=-1,
            result_ttl=0,
            failure_ttl=3600,
            description=f"{task.exercise} {task.digest[:12]}",
        )
        self._jobs[task.key] = name

    def answers(self) -> Iterator[tuple[Task, Verdict]]:
        """Every task once, as its verdict comes."""
        looked = time.monotonic()
        while self._open:
            try:
                answer = cast("tuple[bytes, bytes] | None", self._redis.blpop([f"{self.run}:verdicts"], timeout=1))
                if answer:
                    yield from self._read(answer[1])
                if time.monotonic() - looked > RENEWED:
                    looked = time.monotonic()
                    yield from self._look_after()
            except (RedisConnectionError, RedisTimeoutError):
                # It will be back, or Ctrl-C; nothing that was kept is lost.
                time.sleep(1)

    def _read(self, answer: bytes) -> Iterator[tuple[Task, Verdict]]:
        told = json.loads(answer)
        if "fault" in told:
            raise GraderError(f"a worker on {told['by']} cannot grade: {told['fault']}", next_step=told["next"] or None)
        task = self._open.pop(told["key"], None)
        if task:
            yield task, Verdict(**told["verdict"])

    def _look_after(self) -> Iterator[tuple[Task, Verdict]]:
        waiting = set(self._queue.get_job_ids())
        missing = {
            key
            for key in self._open
            if self._jobs[key] not in waiting and not self._redis.exists(f"{self.run}:lease:{key}")
        }
        # Neither waiting nor at work, and so the last time, too: taken and left. Once alone, it may be
        # on its way from the one to the other, or its answer to us.
        lost, self._missed = missing & self._missed, missing
        for key in lost:
            task, name = self._open[key], self._jobs[key]
            self._forget(name)
            if self._asked[key] < PATIENCE:
                self._ask(task)
            else:
                del self._open[key]
                yield task, Verdict("broken", f"{PATIENCE} workers were lost while they graded it")

    def take_back(self) -> None:
        """What nobody has begun is not wanted any more."""
        with suppress(RedisError):
            for name in self._jobs.values():
                self._queue.remove(name)
                self._forget(name)
            keys = list(self._redis.scan_iter(f"{self.run}:*", count=1000))
            if keys:
                self._redis.delete(*keys)

    def _forget(self, name: str) -> None:
        # A worker may end it at the same moment.
        with suppress(NoSuchJobError, InvalidJobOperation):
            Job.fetch(name, connection=self._redis, serializer=JSONSerializer).delete()


class _NoPenalty(BaseDeathPenalty):
    """A judgement has its own limits; an alarm in the middle of it would only leave it unfinished."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class _Judgement(Job):
    """A job of RQ's names the function to call. Whatever this one names, a worker calls ``judge`` and nothing else."""

    func = property(lambda _: judge)
    success_callback = failure_callback = stopped_callback = property(lambda _: None)


class _Worker(SimpleWorker):
    death_penalty_class = _NoPenalty


@dataclass(frozen=True)
class _Place:
    """What a worker's process has at hand."""

    course: Course
    bench: Bench
    redis: Redis
    name: str
    on_task: Callable[[str], None]


# RQ finds the job by the name of a function, and the function finds this.
_place: _Place | None = None


def work(course: Course, url: str, sources: Sources, *, once: bool = False, on_task: Callable[[str], None]) -> None:
    """Grade what waits, one at a time, until Ctrl-C; with ``once`` until nothing waits.

    ``on_task`` is told what happens, in words. A Redis that is away is waited for.
    """
    global _place  # noqa: PLW0603
    name = f"{socket.gethostname()}-{os.getpid()}"
    with Pool() as pool:
        while True:
            try:
                redis = connect(url)
                _place = _Place(course, Bench(course, pool, sources, name), redis, name, on_task)
                worker = _Worker(
                    [Queue(QUEUE, connection=redis, job_class=_Judgement, serializer=JSONSerializer)],
                    connection=redis,
                    job_class=_Judgement,
                    serializer=JSONSerializer,
                    name=f"{name}-{secrets.token_hex(3)}",
                )
                worker.work(burst=once, logging_level="WARNING")
                return
            except GraderError:
                on_task("Redis does not answer; waiting for it")
                time.sleep(2)
            except (RedisConnectionError, RedisTimeoutError):
                on_task("the connection to Redis was lost; trying again")
                time.sleep(1)


def judge(run: str, digest: str, exercise: str, key: str) -> None:
    """The job: grade a task and leave the verdict in the run's list."""
    assert _place
    redis, place = _place.redis, _place
    archive = redis.get(f"{run}:files:{digest}")
    if archive is None:
        return  # Taken back meanwhile.
    with _Lease(redis, f"{run}:lease:{key}", place.name):
        answer: dict[str, Any]
        try:
            task = task_of(digest, place.course.exercise(exercise))
            if task.key != key:
                raise GraderError(
                    f"it has another version of {exercise}, or of the grader", next_step="bring its clone up to date"
                )
            verdict = place.bench.grade(task, unpacked(cast("bytes", archive)))
            answer = {"key": key, "verdict": asdict(verdict)}
            place.on_task(f"{exercise} {digest[:12]}: {verdict.earned} of {verdict.possible}")
        except GraderFault as error:
            answer = {"fault": error.what, "next": error.next_step or "", "by": place.name}
            place.on_task(f"{exercise} {digest[:12]}: {error.what}")
        _deliver(redis, run, answer)


def _deliver(redis: Redis, run: str, answer: dict[str, Any]) -> None:
    # A verdict took seconds: it is worth some more until Redis is back.
    for pause in (0.5, 1, 2, 4, 0):
        try:
            redis.rpush(f"{run}:verdicts", json.dumps(answer))
            redis.expire(f"{run}:verdicts", _LASTS)
            return
        except (RedisConnectionError, RedisTimeoutError):
            if not pause:
                raise
            time.sleep(pause)


class _Lease:
    """Says that somebody is at work, again and again, until the end of the block."""

    def __init__(self, redis: Redis, name: str, who: str) -> None:
        self._redis, self._name, self._who = redis, name, who
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def _renew(self) -> None:
        while not self._over.wait(RENEWED):
            with suppress(RedisError):
                self._redis.set(self._name, self._who, px=int(LEASE * 1000))

    def __enter__(self) -> None:
        self._redis.set(self._name, self._who, px=int(LEASE * 1000))
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        with suppress(RedisError):
            self._redis.delete(self._name)
