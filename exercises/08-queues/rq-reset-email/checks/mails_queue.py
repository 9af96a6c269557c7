"""RQ's queue `mails` from outside: its keys, as bytes. What a program has pickled is never unpickled here."""

import base64
import binascii
import contextlib
import time
import zlib

import redis as library
from letters import ARRIVAL_SECONDS, wait

NAME = "mails"
_LARGEST = 1024 * 1024
_READ = {
    b"string": lambda raw, key: [raw.get(key) or b""],
    b"hash": lambda raw, key: [part for pair in raw.hgetall(key).items() for part in pair],
    b"list": lambda raw, key: raw.lrange(key, 0, -1),
    b"set": lambda raw, key: list(raw.smembers(key)),
    b"zset": lambda raw, key: raw.zrange(key, 0, -1),
    b"stream": lambda raw, key: [part for _, entry in raw.xrange(key) for pair in entry.items() for part in pair],
}


class Mails:
    """What is waiting, in the works, put off, and given up: ids of jobs, as RQ keeps them."""

    LONG_AGO = 1.0

    def __init__(self, client):
        settings = dict(client.connection_pool.connection_kwargs, decode_responses=False)
        self.raw = library.Redis(connection_pool=library.ConnectionPool(**settings))
        # Earlier checks have killed their workers: their locks, for one, would stand for a minute.
        self.raw.flushdb()

    def waiting(self):
        return _texts(self.raw.lrange(f"rq:queue:{NAME}", 0, -1))

    def in_the_works(self):
        """Taken out of the queue and not yet done with."""
        # In the order in which a job goes: looked for the other way round, one could pass between two looks.
        taken = _texts(self.raw.lrange(f"rq:queue:{NAME}:intermediate", 0, -1))
        begun = [entry.partition(":")[0] for entry in _texts(self.raw.zrange(f"rq:wip:{NAME}", 0, -1))]
        return list(dict.fromkeys(taken + begun))

    def put_off(self):
        """The jobs that are to be tried later: their ids, and when, in seconds since 1970."""
        return {job.decode(): due for job, due in self.raw.zrange(f"rq:scheduled:{NAME}", 0, -1, withscores=True)}

    def given_up(self):
        return _texts(self.raw.zrange(f"rq:failed:{NAME}", 0, -1))

    def whereabouts(self):
        """Where the jobs are, in words."""
        places = {
            "in the queue": self.waiting(),
            "in the StartedJobRegistry": self.in_the_works(),
            "in the ScheduledJobRegistry": self.put_off(),
            "in the FailedJobRegistry": self.given_up(),
        }
        told = [f"{len(jobs)} {place}" for place, jobs in places.items() if jobs]
        return f"of the jobs there is {' and '.join(told)}" if told else "no job is left"

    def hasten(self):
        """Let the time come for whatever was put off."""
        for job in self.put_off():
            self.raw.zadd(f"rq:scheduled:{NAME}", {job: self.LONG_AGO}, xx=True)

    def copy(self, job):
        """A job as it is now."""
        return self.raw.hgetall(f"rq:job:{job}")

    def put_back(self, job, kept):
        """Put a job into the queue once more, as it is now or, if it is gone, as it was."""
        key = f"rq:job:{job}"
        if self.raw.exists(key):
            self.raw.persist(key)
            self.raw.hset(key, "status", "queued")
        else:
            self.raw.hset(key, mapping=kept)
        self.raw.rpush(f"rq:queue:{NAME}", job)

    def wait_for_job(self, eventually, what="after a request for a link"):
        """The id of the one job that is waiting."""

        def there():
            ids = self.waiting()
            assert len(ids) == 1, (
                f"expected one job in RQ's queue {NAME!r} {what}, got {len(ids)}, and {self._instead()}"
            )
            return ids[0]

        return eventually(there, within=5)

    def settle(self, eventually, requests):
        """Wait until so many requests have led to jobs, or a moment: some programs queue them after the answer.

        The next check would otherwise find them in its own queue. Whether they come is the business of others.
        """
        until = time.monotonic() + 5
        eventually(
            lambda: len(self.waiting()) + len(self.in_the_works()) >= requests or time.monotonic() > until, within=10
        )

    def _instead(self):
        """What there is where jobs were looked for and not found, in words."""
        queues = _texts(self.raw.smembers("rq:queues"))
        others = [key for key in queues if key != f"rq:queue:{NAME}" and self.raw.llen(key)]
        if others:
            return f"{self.raw.llen(others[0])} in the queue {others[0].removeprefix('rq:queue:')!r}"
        return self.whereabouts() if queues else "nothing of RQ's is in Redis"

    def wait_until_done(self, eventually, worker):
        """Wait until nothing is waiting or in the works."""

        def done():
            left = self.waiting() + self.in_the_works()
            assert not left, f"expected no job to be left after {ARRIVAL_SECONDS} s, got {len(left)}"

        wait(eventually, worker, done)

    def wait_until_nobody_waits(self, eventually):
        """Until Redis knows that a worker is dead: what came before that would be handed to it, and be lost."""

        def noticed():
            waiting = self.raw.info("clients")["blocked_clients"]
            assert not waiting, f"expected nobody to wait for a job after kill -9, got {waiting}"

        eventually(noticed, within=5)

    def contents(self):
        """Every value of every key, as it is and, where it is packed, unpacked."""
        found = []
        for key in self.raw.scan_iter():
            values = _READ.get(self.raw.type(key), lambda raw, key: [])(self.raw, key)
            for value in [key, *values]:
                found += _unpacked(value)
        return found


def _unpacked(value):
    forms = [value]
    with contextlib.suppress(ValueError, binascii.Error):
        forms.append(base64.b64decode(value, validate=True))
    for form in list(forms):
        with contextlib.suppress(zlib.error):
            forms.append(zlib.decompressobj().decompress(form, _LARGEST))
    return forms


def _texts(values):
    return [value.decode(errors="replace") for value in values]
