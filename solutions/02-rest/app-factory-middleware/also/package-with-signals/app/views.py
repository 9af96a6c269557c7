"""The greeter's own page."""

from flask import Blueprint, current_app

pages = Blueprint("pages", __name__)


@pages.get("/")
def index():
    return {
        "name": current_app.config["APP_NAME"],
        "greeting": current_app.config["APP_GREETING"],
    }
