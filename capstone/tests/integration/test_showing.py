"""Statuses, media and notifications."""

from __future__ import annotations

import io
import secrets
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from pymongo import MongoClient

from chat.domain.media import LARGEST


def picture(kind: str = "PNG", side: int = 700) -> bytes:
    """A picture whose bytes nobody else has, and which no format makes small."""
    image = Image.frombytes("RGB", (side, side // 2), secrets.token_bytes(side * (side // 2) * 3))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def upload(person, content: bytes, name: str = "a.png", status: int = 201, declared: str = "image/png"):
    """One file."""
    return person.ask("POST", "/media/upload", status, files={"file": (name, content, declared)})


def test_a_status_is_for_the_audience(join) -> None:
    """Contacts hear and see it, strangers do not; only the owner sees how many have."""
    ann, bob, eve = join("ann"), join("bob"), join("eve")
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id]})
    eve.ask("PUT", "/user/profile", json={"contacts": [ann.id]})
    friend, stranger, owner = bob.device(), eve.device(), ann.device()
    status = ann.ask("POST", "/status", 201, json={"body": "on the river"})
    assert status["views"] == 0
    heard = friend.wait("status:new")
    assert heard["id"] == status["id"] and "views" not in heard
    assert [one["id"] for one in bob.ask("GET", "/status")["statuses"]] == [status["id"]]
    assert eve.ask("GET", "/status") == {"statuses": []}
    stranger.refused("status:view", {"statusId": status["id"]}, "not_found")
    for _ in range(3):
        friend.emit("status:view", {"statusId": status["id"]})
    owner.emit("status:view", {"statusId": status["id"]})
    assert owner.wait("status:view") == {"statusId": status["id"], "userId": bob.id, "views": 1}
    assert ann.ask("GET", "/status")["statuses"][0]["views"] == 1
    assert len(owner.all("status:view")) == 1
    assert stranger.all("status:new") == friend.all("status:view") == []


def test_a_viewer_is_counted_once_however_many_look(join) -> None:
    """Eight devices of two people at one moment are two views."""
    ann, bob, cid = join("ann"), join("bob"), join("cid")
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id, cid.id]})
    devices = [person.device() for person in (bob, cid) for _ in range(4)]
    status = ann.ask("POST", "/status", 201, json={"body": "look"})["id"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda device: device.emit("status:view", {"statusId": status}), devices))
    assert ann.ask("GET", "/status")["statuses"][0]["views"] == 2


def test_a_status_ends_to_the_second(join, stage) -> None:
    """Whatever removes the row later, a status whose time is over is not there."""
    ann = join("ann")
    status = ann.ask("POST", "/status", 201, json={"body": "soon gone"})["id"]
    client = MongoClient(stage.environ["MONGODB_URI"], tz_aware=True)
    found = client.get_default_database("chat")["statuses"].find_one({"_id": status})
    assert round((found["expiresAt"] - found["createdAt"]).total_seconds()) == 24 * 3600
    client.get_default_database("chat")["statuses"].update_one(
        {"_id": status}, {"$set": {"expiresAt": found["createdAt"]}}
    )
    assert ann.ask("GET", "/status") == {"statuses": []}
    ann.device().refused("status:view", {"statusId": status}, "not_found")
    client.close()


@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": "x" * 701}, {"body": 5}, {"mediaId": "nothing"}])
def test_a_wrong_status_is_refused(join, body) -> None:
    """Words, a file of one's own, or both."""
    join("ann").refused("POST", "/status", 422, "invalid", json=body)


def test_a_file_comes_back_as_it_was(join) -> None:
    """Type by content, size counted, name cleaned, bytes untouched, and a thumbnail after a while."""
    ann = join("ann")
    content = picture()
    file = upload(ann, content, "../../etc/päss wd.png", declared="text/html")
    assert (file["type"], file["size"], file["name"]) == ("image/png", len(content), "päss wd.png")
    answer = ann.http.get(ann.url + file["url"])
    assert answer.content == content
    assert answer.headers["Content-Type"] == "image/png"
    assert "Authorization" in answer.headers["Vary"]
    known = ann.http.head(ann.url + file["url"])
    assert int(known.headers["Content-Length"]) == len(content) and known.content == b""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    deadline = time.monotonic() + 20
    while (small := ann.http.get(ann.url + file["thumbnailUrl"])).status_code != 200:
        assert time.monotonic() < deadline, small.text
        time.sleep(0.05)
    assert Image.open(io.BytesIO(small.content)).size == (320, 160)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_of_every_kind(join, kind) -> None:
    """The type is what the first bytes say."""
    assert upload(join("ann"), picture(kind), "x.exe", declared="x/y")["type"] == f"image/{kind.lower()}"


def test_what_is_not_kept(join) -> None:
    """HTML and scripts in whatever dress, empty files, two files, no file, no form."""
    ann = join("ann")
    for content in (b"<html><script>alert(1)</script>", b"#!/bin/sh", b"", b"x", b"MZ\x90", b"<svg/>", b"  \x89PNG"):
        ann.refused("POST", "/media/upload", 415, "unsupported_type", files={"file": ("a.png", content, "image/png")})
    two = [("file", ("a.png", picture(), "image/png")), ("file", ("b.png", picture(), "image/png"))]
    ann.refused("POST", "/media/upload", 422, "invalid", files=two)
    ann.refused("POST", "/media/upload", 422, "invalid", files={"other": ("a.png", picture(), "image/png")})
    ann.refused("POST", "/media/upload", 422, "invalid", data={"file": "text"}, files={"x": ("", b"")})
    ann.refused("POST", "/media/upload", 415, "unsupported_type", json={"file": "x"})
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    ann.refused("POST", "/media/upload", 400, "malformed", content=b"--y\r\n rubbish", headers=broken)
    ann.refused("POST", "/media/upload", 400, "malformed", content=b"", headers={"Content-Type": "multipart/form-data"})


def test_a_file_too_large_is_refused_while_it_comes(join, stage) -> None:
    """Whether its length is said before or not; and nothing of it is kept."""
    ann = join("ann")
    client = MongoClient(stage.environ["MONGODB_URI"])
    pieces = client.get_default_database("chat")["media.chunks"]
    before = pieces.count_documents({})
    large = picture() + b"\0" * LARGEST
    answer = ann.request("POST", "/media/upload", files={"file": ("a.png", large, "image/png")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")

    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + picture()
        for _ in range(300):
            yield b"\0" * 65536

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    try:
        answer = ann.request("POST", "/media/upload", content=endless(), headers=headers)
        assert answer.status_code == 413
    except Exception as error:
        # The server may hang up in the middle of what nobody reads.
        assert "Error" in type(error).__name__
    assert ann.ask("GET", "/user/me")["id"] == ann.id
    assert pieces.count_documents({}) == before
    client.close()


def test_an_upload_that_stops_in_the_middle_keeps_nothing(join, stage) -> None:
    """A client that leaves is no file."""
    ann = join("ann")
    client = MongoClient(stage.environ["MONGODB_URI"])
    files = client.get_default_database("chat")["media.files"]
    before = files.count_documents({})
    host, port = ann.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + picture()
        head = (
            f"POST /api/v1/media/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ann.token}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n"
        )
        wire.sendall(head.encode() + form)
    upload(ann, picture())
    assert files.count_documents({}) == before + 1
    client.close()


def test_who_may_download(join) -> None:
    """The uploader; members of a chat in which it was sent; the audience of a status; nobody else."""
    ann, bob, eve = join("ann"), join("bob"), join("eve")
    file = upload(ann, picture())
    for person in (bob, eve):
        assert person.http.get(person.url + file["url"]).status_code == 404
    ann.send(bob, "look", mediaId=file["id"])
    assert bob.http.get(bob.url + file["url"]).status_code == 200
    assert eve.http.get(eve.url + file["url"]).status_code == 404
    assert eve.http.get(eve.url + file["url"] + "/thumbnail").status_code == 404
    # Nobody passes on what is not theirs.
    eve.refused("POST", "/chat/send", 422, "invalid", json={"to": bob.id, "mediaId": file["id"], "clientId": "1"})
    second = upload(ann, picture())
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id]})
    ann.ask("POST", "/status", 201, json={"mediaId": second["id"]})
    assert bob.http.get(bob.url + second["url"]).status_code == 200
    assert eve.http.get(eve.url + second["url"]).status_code == 404
    third = upload(ann, picture())
    ann.ask("PUT", "/user/profile", json={"avatar": third["id"]})
    assert eve.http.get(eve.url + third["url"]).status_code == 200
    for name in ("x", "..%2f..", secrets.token_hex(12)):
        assert ann.request("GET", f"/media/{name}").status_code == 404


def test_a_picture_that_is_none_has_no_thumbnail(join, stage) -> None:
    """The worker notes it, and the file can be downloaded all the same."""
    ann = join("ann")
    content = b"\x89PNG\r\n\x1a\n" + secrets.token_bytes(500)
    file = upload(ann, content)
    client = MongoClient(stage.environ["MONGODB_URI"])
    files = client.get_default_database("chat")["media.files"]
    deadline = time.monotonic() + 20
    while files.find_one({"_id": file["id"]})["metadata"]["thumbnail"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ann.http.get(ann.url + file["thumbnailUrl"]).status_code == 404
    assert ann.http.get(ann.url + file["url"]).content == content
    client.close()


def test_notifications_are_stored_sent_and_read(join) -> None:
    """One for each message and recipient, none for one's own; those of an absent person come when they connect."""
    ann, bob, cid = join("ann"), join("bob"), join("cid")
    phone = bob.device()
    group = ann.ask("POST", "/chat/group", 201, json={"name": "x", "members": [bob.id, cid.id]})["id"]
    messages = [ann.send(group, f"n{n}") for n in range(3)]
    told = phone.wait("notification:new", lambda said: said["notification"]["data"]["messageId"] == messages[2]["id"])
    assert told["notification"]["kind"] == "message"
    assert told["notification"]["data"]["text"] == "n2"
    late = cid.device()
    late.wait("notification:new", lambda said: said["notification"]["data"]["messageId"] == messages[2]["id"])
    for device in (phone, late):
        heard = [said["notification"]["data"]["messageId"] for said in device.all("notification:new")]
        assert sorted(heard) == sorted(message["id"] for message in messages)
    assert ann.ask("GET", "/notification") == {"notifications": [], "next": None, "unread": 0}
    page = bob.ask("GET", "/notification", params={"limit": 2})
    assert page["unread"] == 3 and len(page["notifications"]) == 2
    rest = bob.ask("GET", "/notification", params={"limit": 2, "before": page["next"]})
    assert len(rest["notifications"]) == 1
    one = page["notifications"][0]["id"]
    assert bob.ask("POST", "/notification/read", json={"ids": [one]}) == {"unread": 2}
    assert cid.ask("POST", "/notification/read", json={"ids": [one]})["unread"] == 3
    phone.emit("message:read", {"chatId": group, "messageId": messages[1]["id"]})
    assert bob.ask("GET", "/notification")["unread"] <= 1
    assert bob.ask("POST", "/notification/read", json={}) == {"unread": 0}
