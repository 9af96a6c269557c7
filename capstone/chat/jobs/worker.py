"""The worker: ``python -m chat.jobs.worker``. Any number of them share the queue."""

from __future__ import annotations

import time

import redis
import structlog
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from chat.app import build
from chat.config import Settings
from chat.jobs.queue import NAME
from chat.jobs.tasks import Tools
from chat.storage.bus import BusAnnouncer, RedisBus
from chat.storage.mongo import Mongo
from chat.storage.mongo_media import MongoMedia
from chat.web.observe import set_up_logs

_PAUSE = 1.0
_log = structlog.get_logger()


def main() -> None:
    """Work until it is told to stop."""
    settings = Settings.of()
    set_up_logs(settings.log_level)
    mongo = Mongo(settings.mongodb_uri)
    announcer = BusAnnouncer(RedisBus(settings.redis_url, write_only=True))
    Tools.notifying = build(settings, announcer, mongo).notifying
    Tools.media = MongoMedia(mongo)
    while True:
        try:
            connection = redis.Redis.from_url(settings.redis_url)
            # No fork for each job: the clients above would not survive one, and the jobs are short.
            SimpleWorker([NAME], connection=connection, serializer=JSONSerializer).work(
                with_scheduler=True, logging_level="WARNING"
            )
            return
        except RedisError as error:
            # RQ waits for a Redis that goes away between two jobs, and gives up where it goes in the middle of one.
            _log.warning("the worker begins anew", why=str(error))
            time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
