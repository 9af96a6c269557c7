"""Reset tokens, and a thread that mails them one after the other."""

import hashlib
import os
import queue
import secrets
import smtplib
import threading
import time
import traceback
from email.message import EmailMessage
from urllib.parse import urlsplit

from database import transaction

ORIGIN = os.environ.get("APP_ORIGIN", "http://localhost:5000")
SECONDS = int(os.environ.get("RESET_TOKEN_SECONDS", "1800"))
LETTERS = queue.SimpleQueue()


def begin(email):
    """Make a token for whoever has this email, in place of an older one, and put its mail into the queue."""
    token = secrets.token_hex(16)
    change = "UPDATE accounts SET reset_digest = ?, reset_until = ? WHERE email = ? RETURNING email"
    with transaction() as sql:
        row = sql.execute(change, (_digest(token), time.time() + SECONDS, email)).fetchone()
    if row:
        LETTERS.put((row["email"], token))


def finish(token, locked):
    """Set a new password in the one statement that looks for the token; whether it was found."""
    change = """
        UPDATE accounts SET bcrypt = ?, epoch = epoch + 1, reset_digest = NULL
        WHERE reset_digest = ? AND reset_until > ?
    """
    with transaction() as sql:
        return sql.execute(change, (locked, _digest(token), time.time())).rowcount == 1


def _digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _post():
    server = urlsplit(os.environ["SMTP_URL"])
    while True:
        address, token = LETTERS.get()
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "notes@example.org", address, "New password"
        letter.set_content(f"{ORIGIN}/reset-password?token={token}\n\nThrow this away if it was not you who asked.")
        try:
            with smtplib.SMTP(server.hostname, server.port, timeout=10) as smtp:
                smtp.send_message(letter)
        except OSError:
            traceback.print_exc()


threading.Thread(target=_post, daemon=True).start()
