"""Tokens like those of the service: signed with its key, or not quite."""

import jwt


def claims_of(token):
    """What a token says; nobody asks here who says it."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise AssertionError(f"expected a JWT as access_token, got {token!r}") from None


def sign(token, key, algorithm="HS256", **changed):
    """The same token with some claims changed, signed again."""
    header = {name: value for name, value in jwt.get_unverified_header(token).items() if name != "alg"}
    return jwt.encode(claims_of(token) | changed, key, algorithm=algorithm, headers=header)


def aged(token, key, now):
    """The same token as if it had been made an hour ago, and had ended two minutes ago."""
    claims = claims_of(token)
    back = {name: claims[name] - 3600 for name in ("iat", "nbf") if isinstance(claims.get(name), int | float)}
    return sign(token, key, **back, exp=now - 120)
