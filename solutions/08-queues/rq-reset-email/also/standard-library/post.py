"""The worker: RQ's simple one, which does its jobs itself, so that they end with it."""

import os
import smtplib
import socket
from email.message import EmailMessage
from urllib.parse import urlsplit

from rq import SimpleWorker
from rq.executions import Execution

import outbox
import resets
from database import transaction

ORIGIN = os.environ.get("APP_ORIGIN", "http://localhost:5000")
SMTP = urlsplit(os.environ["SMTP_URL"])


def deliver(letter):
    with transaction() as sql:
        wanted = "SELECT account, email FROM letters JOIN accounts ON account = accounts.id WHERE letters.id = ? AND state < 2"
        row = sql.execute(wanted, (letter,)).fetchone()
    if row:
        send(row["email"], resets.make(row["account"]))
        with transaction() as sql:
            sql.execute("UPDATE letters SET state = 2 WHERE id = ?", (letter,))


def send(address, token):
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "notes@example.org", address, "New password"
    letter.set_content(f"{ORIGIN}/reset-password?token={token}\n\nThrow this away if it was not you who asked.")
    with smtplib.SMTP(SMTP.hostname, SMTP.port, timeout=10) as smtp:
        smtp.send_message(letter)


def clear_up(queue):
    """Before the first job: what processes of this machine were doing that are no more, goes back to the queue."""
    started = queue.started_job_registry

    def put_back(pipeline):
        # Of two workers who start together, one finds it and moves it, in one step.
        if pipeline.zscore(started.key, execution.composite_key) is not None:
            pipeline.multi()
            queue.enqueue_job(job, pipeline=pipeline)
            pipeline.zrem(started.key, execution.composite_key)

    for job_id, execution_id in started.get_job_and_execution_ids(cleanup=False):
        job, execution = queue.fetch_job(job_id), Execution(execution_id, job_id, queue.connection)
        name = queue.connection.hget(execution.key, "worker_name")
        if job and (name is None or is_gone(name.decode(), queue.connection)):
            queue.connection.transaction(put_back, started.key)


def is_gone(name, connection):
    worker = SimpleWorker.find_by_key(f"rq:worker:{name}", connection=connection)
    return worker is None or (worker.hostname == socket.gethostname() and not runs(worker.pid))


def runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    clear_up(outbox.QUEUE)
    SimpleWorker([outbox.QUEUE], connection=outbox.QUEUE.connection).work(with_scheduler=True)
