"""Tokens and passwords by hand: HS256 is one call of hmac, and bcrypt gets a digest of 44 letters."""

import base64
import binascii
import hmac
import json
import os
import time

import bcrypt

KEY = os.environ["SECRET_KEY"].encode()
LIFE = 900
HEADER = {"alg": "HS256", "typ": "JWT"}


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _signature(signed):
    return _encode(hmac.digest(KEY, signed, "sha256"))


def make(account, epoch):
    claims = {"sub": str(account), "epoch": epoch, "exp": int(time.time()) + LIFE}
    signed = b".".join(_encode(json.dumps(part).encode()) for part in (HEADER, claims))
    return (signed + b"." + _signature(signed)).decode()


def read(token):
    """The account's id and epoch, or None twice. Nothing of the token is looked at before its signature is right."""
    try:
        signed, _, signature = token.encode("ascii").rpartition(b".")
        if not hmac.compare_digest(_signature(signed), signature):
            return None, None
        header, claims = (json.loads(_decode(part)) for part in signed.split(b"."))
    except (ValueError, binascii.Error):
        return None, None
    good = header.get("alg") == "HS256" and claims["exp"] > time.time()
    return (int(claims["sub"]), claims["epoch"]) if good else (None, None)


def _digest(password):
    return base64.b64encode(hmac.digest(b"notes: passwords", password.encode(), "sha256"))


def lock(password):
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(10))


def opens(password, locked):
    return bcrypt.checkpw(_digest(password), locked)


NOBODY = lock("")
