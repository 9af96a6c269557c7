"""Registering, logging in, and the tokens that prove who somebody is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from chat.domain.basics import Clock, new_id
from chat.domain.ports import Tokens, Users
from chat.domain.refusals import Unauthorized
from chat.domain.users import User, fold

ACCESS = timedelta(minutes=15)
REFRESH = timedelta(days=30)


@dataclass(frozen=True)
class Session:
    """What a good access token says: whose it is, its own name, the login it came of, its end (Unix seconds)."""

    user: User
    token: str
    family: str
    ends: int


@dataclass(frozen=True)
class Pair:
    """Two tokens of one login."""

    access: str
    refresh: str
    seconds: int = int(ACCESS.total_seconds())


class Accounts:
    """``key`` signs the tokens."""

    def __init__(self, users: Users, tokens: Tokens, key: str, clock: Clock) -> None:
        self._users, self._tokens, self._key, self._clock = users, tokens, key, clock
        self._hasher = PasswordHasher()
        # Checked where there is no user, so that the time an answer takes tells nothing.
        self._nobody = self._hasher.hash(new_id())

    def register(self, *, email: str, username: str, password: str, name: str = "") -> tuple[User, Pair]:
        """A new account; raises Conflict."""
        user = User(
            id=new_id(),
            email=fold(email),
            username=username,
            name=name or username,
            password_hash=self._hasher.hash(password),
            created_at=self._clock(),
        )
        self._users.add(user)
        return user, self._pair(user, new_id())

    def log_in(self, *, email: str, password: str) -> tuple[User, Pair]:
        """Raises Unauthorized, with the same words whatever was wrong."""
        user = self._users.by_email(fold(email))
        try:
            self._hasher.verify(user.password_hash if user else self._nobody, password)
        except VerificationError:
            user = None
        if not user:
            raise Unauthorized("The email or the password is wrong.")
        return user, self._pair(user, new_id())

    def refresh(self, token: str) -> Pair:
        """A new pair for a refresh token, which is used up; used twice, it ends its login."""
        claims = self._read(token, "refresh")
        seconds = int(REFRESH.total_seconds())
        if not self._tokens.use(claims["jti"], seconds):
            self._tokens.block(claims["family"], seconds)
            raise Unauthorized
        user = self._users.get(claims["sub"])
        if not user:
            raise Unauthorized
        return self._pair(user, claims["family"])

    def log_out(self, session: Session, refresh_token: str | None) -> None:
        """Block the access token; and its login, where the refresh token of the same person is given."""
        self._tokens.block(session.token, int(ACCESS.total_seconds()))
        if refresh_token:
            claims = self._read(refresh_token, "refresh")
            if claims["sub"] == session.user.id:
                self._tokens.block(claims["family"], int(REFRESH.total_seconds()))

    def session(self, token: str) -> Session:
        """Who is asking; raises Unauthorized."""
        claims = self._read(token, "access")
        user = self._users.get(claims["sub"])
        if not user:
            raise Unauthorized
        return Session(user, claims["jti"], claims["family"], claims["exp"])

    def over(self, sessions: Collection[Session]) -> list[Session]:
        """Those of some sessions whose token has ended or was blocked."""
        now = self._clock().timestamp()
        names = {name for session in sessions for name in (session.token, session.family)}
        blocked = self._tokens.blocked(names) if names else set()
        return [one for one in sessions if one.ends <= now or one.token in blocked or one.family in blocked]

    def _pair(self, user: User, family: str) -> Pair:
        def token(kind: str, life: timedelta) -> str:
            claims = {"sub": user.id, "type": kind, "jti": new_id(), "family": family, "exp": self._clock() + life}
            return jwt.encode(claims, self._key, algorithm="HS256")

        return Pair(token("access", ACCESS), token("refresh", REFRESH))

    def _read(self, token: str, kind: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                options={"require": ["exp", "sub", "jti"], "verify_iat": False},
            )
        except jwt.PyJWTError:
            raise Unauthorized from None
        right = claims.get("type") == kind and all(isinstance(claims.get(n), str) for n in ("sub", "jti", "family"))
        if not right or self._tokens.blocked([claims["jti"], claims["family"]]):
            raise Unauthorized
        return claims
