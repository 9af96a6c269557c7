"""Mails as jobs: a request puts one into the queue, and a worker sends it."""

import hashlib
import os
import secrets
import time
from functools import cache

from flask import current_app
from redis import Redis
from rq import Queue
from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column

import mailer
from models import ResetToken, User, db


class ResetMail(db.Model):
    """One mail that somebody asked for. A job carries its id and nothing else."""

    __tablename__ = "reset_mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    sent_at: Mapped[float | None]


@cache
def queue():
    return Queue("mails", connection=Redis.from_url(os.environ["REDIS_URL"]))


def order_reset_mail(user):
    mail = ResetMail(user_id=user.id)
    db.session.add(mail)
    # A worker may be quicker than we are: the row has to be there before the job is.
    db.session.commit()
    queue().enqueue(send_reset_mail, mail.id, job_timeout=3600)


def send_reset_mail(mail_id):
    mail = db.session.get(ResetMail, mail_id)
    if mail.sent_at:
        # A queue delivers at least once; that the mail goes out once is our affair.
        return
    user = db.session.get(User, mail.user_id)
    email, link = user.email, f"{current_app.config['APP_ORIGIN']}/reset-password?token={new_token(user)}"
    pauses = [int(pause) for pause in os.environ.get("RESET_MAIL_RETRY_SECONDS", "10,60,600").split(",")]
    for pause in [*pauses, None]:
        try:
            mailer.send_reset_link(current_app.config["SMTP_URL"], email, link)
            break
        except OSError:
            if pause is None:
                raise
            time.sleep(pause)
    mail.sent_at = time.time()
    db.session.commit()


def new_token(user):
    """Made here and not in the request, so that nobody but the mail server ever gets to see it."""
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(ResetToken).where(ResetToken.user_id == user.id))
    expires_at = time.time() + current_app.config["RESET_TOKEN_SECONDS"]
    db.session.add(ResetToken(token_hash=digest(token), user_id=user.id, expires_at=expires_at))
    # Before the mail, so that the link in it works, and nobody waits for the database while it is on its way.
    db.session.commit()
    return token


def digest(token):
    # A fast hash will do: nobody guesses 256 random bits.
    return hashlib.sha256(token.encode()).hexdigest()
