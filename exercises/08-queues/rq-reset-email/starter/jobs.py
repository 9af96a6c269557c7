"""Mails as jobs: a request puts one into the queue, and a worker sends it. Yours to write.

Nothing uses this yet. Two ends are missing: reset.py has to enqueue a job instead of starting a thread,
and the Procfile needs a line `worker: …` that starts whoever takes jobs out of the queue.
"""


def send_reset_mail(mail_id):
    raise NotImplementedError("no mail is sent yet")
