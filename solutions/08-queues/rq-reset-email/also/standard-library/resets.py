"""Reset tokens: made when the letter is written, and good once."""

import hashlib
import os
import secrets
import time

from database import transaction

SECONDS = int(os.environ.get("RESET_TOKEN_SECONDS", "1800"))


def make(account):
    """A new token for an account, in place of an older one."""
    token = secrets.token_hex(16)
    change = "UPDATE accounts SET reset_digest = ?, reset_until = ? WHERE id = ?"
    with transaction() as sql:
        sql.execute(change, (_digest(token), time.time() + SECONDS, account))
    return token


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
