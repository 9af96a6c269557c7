"""Accounts: registering, logging in, and finding out who is asking. Yours to write.

Nothing uses this yet: create_app() in app.py has to call accounts.init_app(app).
"""

from flask import Blueprint, abort

accounts = Blueprint("accounts", __name__, url_prefix="/auth")


def init_app(app):
    app.register_blueprint(accounts)


@accounts.post("/register")
def register():
    abort(501, "Nobody can register yet.")


@accounts.post("/login")
def log_in():
    abort(501, "Nobody can log in yet.")


def current_user():
    """The user whose token came with this request; a request without a good token ends here, with 401."""
    abort(501, "Nobody looks at tokens yet.")
