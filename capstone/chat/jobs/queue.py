"""Asking for work, through RQ. Jobs carry an id and nothing else, as JSON."""

from __future__ import annotations

import redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.job import JobStatus
from rq.serializers import JSONSerializer

NAME = "chat"
_WAITS = [1, 2, 5, 15, 60]
_COMING = (JobStatus.QUEUED, JobStatus.SCHEDULED, JobStatus.DEFERRED)


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
            waiting = self._queue.fetch_job(name)
            if waiting and waiting.get_status() in _COMING:
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
