"""The worker: RQ's own."""

from rq import Worker

import jobs
from app import create_app

if __name__ == "__main__":
    with create_app().app_context():
        Worker([jobs.queue()]).work(with_scheduler=True)
