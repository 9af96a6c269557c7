"""What goes out: the job that mails a link, and the worker that runs it for as long as its lease lasts."""

import os
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from redis import Redis
from rq import Queue, Retry, Worker, get_current_job
from rq.decorators import job
from rq.utils import parse_composite_key
from sqlalchemy import select

from notes.tables import people, row

PAUSES = [int(seconds) for seconds in os.environ.get("RESET_MAIL_RETRY_SECONDS", "15,120,900").split(",")]
REMEMBERED = 7 * 24 * 3600
connection = Redis.from_url(os.environ["REDIS_URL"])
mails = Queue("mails", connection=connection)


@job(mails, connection=connection, timeout=60, retry=Retry(max=len(PAUSES), interval=PAUSES))
def mail_link(person_id):
    """Once for each job: that it is done is remembered beside the queue, for a week."""
    done = f"notes:mailed:{get_current_job(connection).id}"
    if not connection.exists(done):
        _mail_link(person_id)
        connection.set(done, 1, ex=REMEMBERED)


def _mail_link(person_id):
    from notes import create_app, resets

    app = create_app()
    with app.app_context():
        person = row(select(people).where(people.c.id == person_id))
        token = resets.new_token(app.config, person)
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = (
        "notes@example.org",
        person["mail"],
        "A new password for your notes",
    )
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain="example.org")
    letter.set_content(f"Hello,\n\n<{app.config['APP_ORIGIN']}/reset-password?token={token}>\n\nYour notes")
    server = urlsplit(app.config["SMTP_URL"])
    with smtplib.SMTP(server.hostname, server.port or 25, timeout=20) as smtp:
        smtp.send_message(letter)


class Lessee(Worker):
    """Has a job for a few seconds only, and renews that every second (--job-monitoring-interval) while it works.

    The lease is a key of its own: RQ's registry has a date for each job, too, but what RQ itself finds
    to be over has to wait for a retry.
    """

    SECONDS = 4

    def prepare_execution(self, job):
        # Before it is in the registry, where others look for jobs without a lease.
        self.renew(job)
        return super().prepare_execution(job)

    def maintain_heartbeats(self, job):
        self.renew(job)
        super().maintain_heartbeats(job)

    def renew(self, job):
        self.connection.set(lease(job.id), self.name, ex=self.SECONDS)

    def run_maintenance_tasks(self):
        for queue in self.queues:
            self.take_over(queue)
        super().run_maintenance_tasks()

    def take_over(self, queue):
        """Put back into the queue what nobody has a lease of any more, which tells that they are dead."""
        registry = queue.started_job_registry
        with self.connection.lock("notes:taking-over", timeout=10):
            for entry in self.connection.zrange(registry.key, 0, -1):
                job_id, _ = parse_composite_key(entry.decode())
                if not self.connection.exists(lease(job_id)):
                    if job := queue.fetch_job(job_id):
                        queue.enqueue_job(job)
                    self.connection.zrem(registry.key, entry)


def lease(job_id):
    return f"notes:lease:{job_id}"
