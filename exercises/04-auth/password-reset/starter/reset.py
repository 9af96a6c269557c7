"""A forgotten password: a link by mail, good once, for a while. Yours to write.

Nothing uses this yet: create_app() in app.py has to call reset.init_app(app).
"""

from flask import Blueprint, abort

reset = Blueprint("reset", __name__, url_prefix="/auth")


def init_app(app):
    # SMTP_URL, APP_ORIGIN and RESET_TOKEN_SECONDS are settings: read them from the environment here.
    app.register_blueprint(reset)


@reset.post("/forgot-password")
def forgot_password():
    abort(501, "Nobody gets a link yet.")


@reset.post("/reset-password")
def reset_password():
    abort(501, "No link is good for anything yet.")
