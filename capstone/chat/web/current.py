"""The services of the app that is serving this request."""

from __future__ import annotations

from typing import cast

from flask import current_app

from chat.services.root import Services


def services() -> Services:
    """As app.py has wired them."""
    return cast(Services, current_app.extensions["chat"])
