"""Asking for work, through RQ. Jobs carry an id and nothing else, as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

NAME = "chat"
_WAITS = [1, 2, 5, 15, 60]
_GRACE = timedelta(seconds=5)


def queue(client: redis.Redis) -> Queue:
    """The queue that workers listen to."""
    return Queue(NAME, connection=client, serializer=JSONSerializer)


class RqJobs:
    """Keeps domain.ports.Jobs. What cannot be asked for now is asked for again by the upkeep."""

    def __init__(self, client: redis.Redis) -> None:
        self._queue = queue(client)

    def notify(self, message_id: str) -> bool:
        """Notify the recipients of a message."""
        return self._ask("notify", message_id)

    def thumbnail(self, media_id: str) -> bool:
        """Make the thumbnail of a picture."""
        return self._ask("thumbnail", media_id)

    def _ask(self, what: str, about: str) -> bool:
        name = f"{what}-{about}"
        try:
            asked = self._queue.fetch_job(name)
            if asked and self._is_coming(asked):
                return True
            self._queue.enqueue(
                f"chat.jobs.tasks.{what}",
                about,
                job_id=name,
                job_timeout=30,
                result_ttl=0,
                failure_ttl=24 * 3600,
                retry=Retry(len(_WAITS), interval=_WAITS),
            )
        except RedisError:
            return False
        return True

    def _is_coming(self, job: Job) -> bool:
        """Whether a worker will find it, which is not the same as what stands in the job.

        A worker that is killed while it takes a job leaves one that is called queued and is in no list;
        RQ finds it again after ten minutes. A retry whose moment has passed has lost its scheduler.
        """
        status = job.get_status(refresh=False)
        if status == JobStatus.QUEUED:
            return self._queue.get_job_position(job) is not None
        if status == JobStatus.SCHEDULED:
            try:
                due: datetime = self._queue.scheduled_job_registry.get_scheduled_time(job)
            except NoSuchJobError:
                return False
            return due + _GRACE > datetime.now(UTC)
        return False
