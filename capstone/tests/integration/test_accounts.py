"""Accounts, tokens and profiles, over HTTP."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time

import httpx
import jwt
import pytest

GUARDED = [
    ("GET", "/user/me"),
    ("PUT", "/user/profile"),
    ("GET", "/user/somebody"),
    ("GET", "/user?ids=x"),
    ("GET", "/call/000000000000000000000000"),
    ("POST", "/chat/send"),
    ("GET", "/chat"),
    ("GET", "/chat/000000000000000000000000"),
    ("POST", "/chat/group"),
    ("POST", "/call/start"),
    ("POST", "/call/end"),
    ("POST", "/status"),
    ("GET", "/status"),
    ("POST", "/media/upload"),
    ("GET", "/media/000000000000000000000000"),
    ("GET", "/media/000000000000000000000000/thumbnail"),
    ("GET", "/notification"),
    ("POST", "/notification/read"),
    ("POST", "/auth/logout"),
]


def test_root_says_what_it_is(stage) -> None:
    """GET / answers a name and a version."""
    data = httpx.get(stage.running[0].url + "/").json()["data"]
    assert data["name"] and data["version"]


def test_register_gives_a_profile_and_tokens(join) -> None:
    """A new account is answered with its private profile, without a hash."""
    ann = join("ann")
    me = ann.ask("GET", "/user/me")
    assert me["email"] == ann.email
    assert set(me) == {"id", "username", "name", "about", "avatar", "email", "contacts", "createdAt"}
    assert me["name"] == ann.username


def test_one_email_and_one_username_have_one_account(join) -> None:
    """A second account with an email in other capitals, or with a taken username, is a 409."""
    ann = join("ann")
    body = {"email": ann.email.upper(), "username": f"u{secrets.token_hex(4)}", "password": "0123456789"}
    assert ann.refused("POST", "/auth/register", 409, "conflict", json=body)["details"] == {"email": ["It is taken."]}
    body = {"email": f"x{ann.email}", "username": ann.username, "password": "0123456789"}
    details = ann.refused("POST", "/auth/register", 409, "conflict", json=body)["details"]
    assert details == {"username": ["It is taken."]}


def test_of_many_who_register_at_once_one_does(join) -> None:
    """Eight requests with one email at one moment: one 201, seven 409."""
    ann = join("ann")
    email = f"{secrets.token_hex(5)}@example.org"
    answers = []
    barrier = threading.Barrier(8)

    def register(number: int) -> None:
        body = {"email": email, "username": f"r{number}_{secrets.token_hex(4)}", "password": "0123456789"}
        barrier.wait()
        answers.append(httpx.post(f"{ann.url}/api/v1/auth/register", json=body, timeout=30).status_code)

    threads = [threading.Thread(target=register, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] + [409] * 7


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no at sign"),
        ("email", "a@b"),
        ("email", "a b@example.org"),
        ("email", "a\n@example.org"),
        ("email", "x" * 250 + "@example.org"),
        ("email", {"$ne": None}),
        ("email", None),
        ("username", "ab"),
        ("username", "Ann"),
        ("username", "a" * 31),
        ("username", "ann\n"),
        ("username", "a.b"),
        ("password", "short"),
        ("password", "x" * 201),
        ("password", "nul\0 in a long one"),
        ("password", 1234567890),
        ("name", "   "),
        ("name", ["a"]),
        ("role", "admin"),
    ],
)
def test_a_wrong_field_is_named(join, field, value) -> None:
    """A 422 names the field, whatever is wrong with it."""
    ann = join("ann")
    body = {
        "email": f"{secrets.token_hex(5)}@example.org",
        "username": f"u{secrets.token_hex(5)}",
        "password": "a" * 10,
    }
    error = ann.refused("POST", "/auth/register", 422, "invalid", json={**body, field: value})
    assert list(error["details"]) == [field]


def test_log_in_tells_nothing_about_who_is_here(join) -> None:
    """A wrong password and an unknown email get the same answer; the right one gets in."""
    ann = join("ann")
    one = ann.refused("POST", "/auth/login", 401, "unauthorized", json={"email": ann.email, "password": "x" * 12})
    other = ann.refused("POST", "/auth/login", 401, "unauthorized", json={"email": "no@no.no", "password": "x" * 12})
    assert one["message"] == other["message"]
    data = ann.ask("POST", "/auth/login", json={"email": ann.email.upper(), "password": ann.password})
    assert data["user"]["id"] == ann.id


def test_everything_has_a_limit(join) -> None:
    """Six hundred requests a minute for one person, and nobody else is slower for it."""
    ann, bob = join("ann"), join("bob")
    served = 0
    while (answer := ann.request("GET", "/user/me")).status_code == 200:
        served += 1
        assert served < 640
    assert answer.status_code == 429
    assert served > 550
    assert int(answer.headers["Retry-After"]) >= 1
    assert bob.request("GET", "/user/me").status_code == 200


def test_guessing_passwords_ends(stage) -> None:
    """Twenty tries a minute from one address, whatever the emails."""
    url, headers = stage.running[0].url, {"X-Forwarded-For": "203.0.113.9"}
    statuses = []
    for n in range(25):
        body = {"email": f"{n}@example.org", "password": "x" * 12}
        statuses.append(httpx.post(f"{url}/api/v1/auth/login", json=body, headers=headers).status_code)
    assert statuses[:20] == [401] * 20
    assert 429 in statuses[20:]


def test_operators_are_not_values(join) -> None:
    """MongoDB's query operators are refused wherever a string is expected."""
    ann = join("ann")
    for body in (
        {"email": ann.email, "password": {"$ne": None}},
        {"email": {"$gt": ""}, "password": ann.password},
    ):
        ann.refused("POST", "/auth/login", 422, "invalid", json=body)
    ann.refused("POST", "/chat/send", 422, "invalid", json={"to": {"$ne": ""}, "body": "x", "clientId": "1"})
    ann.refused("POST", "/call/end", 422, "invalid", json={"callId": {"$exists": True}})


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_without_a_token_nothing_is_said(stage, method, path) -> None:
    """Every guarded route answers 401 before it looks at anything else."""
    answer = httpx.request(method, f"{stage.running[0].url}/api/v1{path}")
    if path == "/auth/logout":
        answer = httpx.request(method, f"{stage.running[0].url}/api/v1{path}", json={})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "unauthorized"


def forgeries(ann, key: str) -> dict[str, str]:
    """Tokens that must not pass, by what is wrong with them."""
    claims = jwt.decode(ann.token, options={"verify_signature": False})

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    head, body, signature = ann.token.split(".")
    return {
        "unsigned": f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "another key": jwt.encode(claims, "x" * 32, algorithm="HS256"),
        "expired": jwt.encode({**claims, "exp": int(time.time()) - 5}, key, algorithm="HS256"),
        "another user": f"{head}.{part({**claims, 'sub': 'somebody'})}.{signature}",
        "of nobody": jwt.encode({**claims, "sub": "0" * 24}, key, algorithm="HS256"),
        "no expiry": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, key, algorithm="HS256"),
        "another algorithm": jwt.encode(claims, key, algorithm="HS512"),
        "a refresh token": ann.refresh_token,
        "a number for a name": jwt.encode({**claims, "jti": 5}, key, algorithm="HS256"),
        "rubbish": "a.b.c",
    }


def test_forged_tokens_open_nothing(join, stage) -> None:
    """Neither a route nor a connection."""
    import socketio

    ann = join("ann")
    for what, token in forgeries(ann, stage.environ["SECRET_KEY"]).items():
        answer = httpx.get(f"{ann.url}/api/v1/user/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, what
        client = socketio.Client(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            client.connect(ann.url, auth={"token": token}, wait_timeout=5)
        client.disconnect()


def test_a_refresh_token_is_good_once_and_its_theft_ends_the_login(join) -> None:
    """Used a second time, it blocks every token of the login."""
    ann = join("ann")
    pair = ann.ask("POST", "/auth/refresh", json={"refreshToken": ann.refresh_token})
    headers = {"Authorization": f"Bearer {pair['accessToken']}"}
    assert httpx.get(f"{ann.url}/api/v1/user/me", headers=headers).status_code == 200
    ann.refused("POST", "/auth/refresh", 401, "unauthorized", json={"refreshToken": ann.refresh_token})
    assert httpx.get(f"{ann.url}/api/v1/user/me", headers=headers).status_code == 401
    ann.refused("POST", "/auth/refresh", 401, "unauthorized", json={"refreshToken": pair["refreshToken"]})
    again = ann.ask("POST", "/auth/login", json={"email": ann.email, "password": ann.password})
    assert again["accessToken"]


def test_logging_out_blocks_tokens_and_ends_connections(join) -> None:
    """The access token is a 401 at once, and a socket opened with it is told and disconnected."""
    ann = join("ann")
    device = ann.device()
    assert ann.request("POST", "/auth/logout", json={"refreshToken": ann.refresh_token}).status_code == 204
    ann.refused("GET", "/user/me", 401, "unauthorized")
    ann.refused("POST", "/auth/refresh", 401, "unauthorized", json={"refreshToken": ann.refresh_token})
    device.wait("session:end")
    deadline = time.monotonic() + 5
    while device.client.connected and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not device.client.connected


def test_a_profile_changes_by_what_is_sent(join) -> None:
    """What is not sent stays, and what may not be changed is an unknown field."""
    ann, bob = join("ann"), join("bob")
    ann.ask("PUT", "/user/profile", json={"about": "rows <b>boats</b>"})
    changed = ann.ask("PUT", "/user/profile", json={"name": "Ann", "contacts": [bob.id, bob.id, ann.id]})
    assert changed["about"] == "rows <b>boats</b>"
    assert changed["contacts"] == [bob.id]
    assert ann.ask("PUT", "/user/profile", json={}) == changed
    for field in ("email", "username", "role", "id", "_id", "passwordHash", "password_hash", "$set"):
        ann.refused("PUT", "/user/profile", 422, "invalid", json={field: "x"})
    ann.refused("PUT", "/user/profile", 422, "invalid", json={"contacts": ["nobody"]})
    ann.refused("PUT", "/user/profile", 422, "invalid", json={"avatar": "nothing"})
    assert ann.ask("GET", "/user/me") == changed


def test_others_see_the_public_part(join) -> None:
    """No email, and 404 for a name that nobody has."""
    ann, bob = join("ann"), join("bob")
    seen = bob.ask("GET", f"/user/{ann.username}")
    assert set(seen) == {"id", "username", "name", "about", "avatar"}
    assert bob.ask("GET", f"/user/{ann.id}") == seen
    assert bob.ask("GET", f"/user?ids={ann.id},nobody,{bob.id},{ann.id}")["users"] == [
        seen,
        ann.ask("GET", f"/user/{bob.username}"),
    ]
    for query in ("", "?ids=", "?ids=a,b%20c", "?ids=" + ",".join(f"x{n}" for n in range(21))):
        bob.refused("GET", f"/user{query}", 422, "invalid")
    for name in ("nobody_at_all", "..%2f..%2fetc", "a" * 500, "%00"):
        assert bob.request("GET", f"/user/{name}").status_code == 404
