"""What the port Jobs promises of RQ: whatever was asked for and did not happen can be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from chat.jobs.queue import RqJobs, queue

NAME = "notify-m1"


@pytest.fixture
def client(own_redis: str) -> Iterator[redis.Redis]:
    """A database of Redis that no worker looks at."""
    client = redis.Redis.from_url(own_redis)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def test_what_waits_is_not_asked_for_twice(client: redis.Redis) -> None:
    """One job for one message, however often it is asked for."""
    jobs = RqJobs(client)
    assert jobs.notify("m1") and jobs.notify("m1")
    assert queue(client).job_ids == [NAME]


def taken_and_killed(client: redis.Redis) -> None:
    """As a worker leaves it that is killed while it takes the job: called queued, and in no list."""
    client.lmove(queue(client).key, queue(client).intermediate_queue_key, "LEFT", "LEFT")


def started_and_killed(client: redis.Redis) -> None:
    """As a worker leaves it that is killed at work."""
    taken_and_killed(client)
    Job.fetch(NAME, client, serializer=JSONSerializer).set_status(JobStatus.STARTED)


def overdue(client: redis.Redis) -> None:
    """A retry whose scheduler is gone."""
    retry(client, datetime.now(UTC) - timedelta(seconds=30))


def forgotten(client: redis.Redis) -> None:
    """A retry that nobody has on his list."""
    retry(client, None)


def retry(client: redis.Redis, when: datetime | None) -> None:
    own = queue(client)
    client.delete(own.key)
    job = Job.fetch(NAME, client, serializer=JSONSerializer)
    job.set_status(JobStatus.SCHEDULED)
    if when:
        own.scheduled_job_registry.schedule(job, when)


@pytest.mark.parametrize("left", [taken_and_killed, started_and_killed, overdue, forgotten])
def test_what_will_not_come_is_asked_for_again(client: redis.Redis, left: Callable[[redis.Redis], None]) -> None:
    """Whatever stands in the job, a worker finds one in the list again."""
    jobs = RqJobs(client)
    assert jobs.notify("m1")
    left(client)
    assert queue(client).job_ids == []
    assert jobs.notify("m1")
    assert queue(client).job_ids == [NAME]


def test_a_retry_that_will_come_is_left_alone(client: redis.Redis) -> None:
    """Its moment has not come yet."""
    jobs = RqJobs(client)
    jobs.notify("m1")
    retry(client, datetime.now(UTC) + timedelta(seconds=30))
    assert jobs.notify("m1")
    assert queue(client).job_ids == []


def test_without_redis_the_answer_is_no() -> None:
    """Whoever asks keeps it in mind and asks again."""
    nobody = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)
    assert RqJobs(nobody).notify("m1") is False
