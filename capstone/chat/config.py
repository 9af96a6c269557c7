"""Settings, all from the environment; a missing or wrong one ends the start with a sentence that names it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(SystemExit):
    """A setting is missing or wrong. As a SystemExit, so that a start ends with this sentence and no traceback."""


@dataclass(frozen=True)
class Settings:
    """``proxies``: how many proxies stand before the service and may say whom they speak for."""

    secret_key: str
    mongodb_uri: str
    redis_url: str
    cors_origins: tuple[str, ...] = ()
    proxies: int = 0
    log_level: str = "INFO"

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises SettingsError."""
        key = _needed(environment, "SECRET_KEY", "python -c 'import secrets; print(secrets.token_hex())'")
        if len(key.encode()) < 32:
            raise SettingsError("SECRET_KEY has less than 32 bytes; make one with secrets.token_hex()")
        proxies = environment.get("TRUSTED_PROXIES", "0")
        if not proxies.isdecimal():
            raise SettingsError(f"TRUSTED_PROXIES is a number of proxies, not {proxies!r}")
        level = environment.get("LOG_LEVEL", "INFO").upper()
        if level not in _LEVELS:
            raise SettingsError(f"LOG_LEVEL is one of {', '.join(_LEVELS)}, not {level!r}")
        return cls(
            secret_key=key,
            mongodb_uri=_address(environment, "MONGODB_URI", ("mongodb", "mongodb+srv")),
            redis_url=_address(environment, "REDIS_URL", ("redis", "rediss", "unix")),
            cors_origins=tuple(environment.get("CORS_ORIGINS", "").split()),
            proxies=int(proxies),
            log_level=level,
        )


def _needed(environment: Mapping[str, str], name: str, example: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; for example: export {name}=$({example})")
    return value


def _address(environment: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; for example: export {name}={schemes[0]}://127.0.0.1/chat")
    if urlsplit(value).scheme not in schemes:
        # The address may hold a password, so it is not shown.
        raise SettingsError(f"{name} does not begin with {schemes[0]}://")
    return value
