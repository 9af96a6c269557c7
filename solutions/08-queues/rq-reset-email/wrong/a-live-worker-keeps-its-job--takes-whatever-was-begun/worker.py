"""The worker: RQ's own, and a look at what others may have left when they died."""

from rq import Worker
from rq.executions import Execution

import jobs
from app import create_app


class MailWorker(Worker):
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
            if job:
                with queue.connection.pipeline() as both:
                    queue.enqueue_job(job, pipeline=both)
                    execution.delete(job, both)
                    both.execute()


if __name__ == "__main__":
    with create_app().app_context():
        MailWorker([jobs.queue()]).work(with_scheduler=True)
