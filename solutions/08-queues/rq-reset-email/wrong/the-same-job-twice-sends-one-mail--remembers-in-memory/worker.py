"""The worker: RQ's own, and a look at what others may have left when they died."""

from rq import SimpleWorker
from rq.command import PUBSUB_CHANNEL_TEMPLATE
from rq.executions import Execution

import jobs
from app import create_app


class MailWorker(SimpleWorker):
    def run_maintenance_tasks(self):
        # RQ calls this when a worker starts, and every ten minutes from then on.
        for queue in self.queues:
            take_up(queue)
        super().run_maintenance_tasks()


def take_up(queue):
    """Put back into the queue what a worker was doing that is no more."""
    # One at a time: two who start together would put it there twice.
    with queue.connection.lock("mails:take-up", timeout=10):
        for job_id, execution_id in queue.started_job_registry.get_job_and_execution_ids(cleanup=False):
            execution, job = Execution(execution_id, job_id, queue.connection), queue.fetch_job(job_id)
            if job and not is_alive(queue.connection.hget(execution.key, "worker_name"), queue.connection):
                with queue.connection.pipeline() as both:
                    queue.enqueue_job(job, pipeline=both)
                    execution.delete(job, both)
                    both.execute()


def is_alive(name, connection):
    # Every worker listens on a channel of its own. When it dies, in whatever way, its connection
    # closes, and Redis knows.
    [(_, listeners)] = connection.pubsub_numsub(PUBSUB_CHANNEL_TEMPLATE % (name or b"nobody").decode())
    return listeners > 0


if __name__ == "__main__":
    with create_app().app_context():
        MailWorker([jobs.queue()]).work(with_scheduler=True)
