"""The rules by themselves."""

from __future__ import annotations

import random
import string
from dataclasses import replace

import pytest

from chat.domain.basics import new_id, now
from chat.domain.calls import Call, State
from chat.domain.chats import Chat, Kind, Member, Message, cursor, pair, position
from chat.domain.media import name_of, type_of
from chat.domain.refusals import Conflict, Forbidden, Invalid, NotFound
from chat.domain.views import chat_view, moment


def message(seq: int, sender: str) -> Message:
    return Message(new_id(), "c", seq, sender, "x", None, "1", now())


def test_ids_are_distinct_and_mostly_in_order() -> None:
    """Later ids are larger but for those of one millisecond."""
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert ids[0][:12] <= ids[-1][:12]
    assert all(len(one) == 24 and set(one) <= set("0123456789abcdef") for one in ids)


def test_a_cursor_comes_back_and_nothing_else_is_one() -> None:
    """Whatever text is sent, it is a position or a refusal."""
    for seq in (0, 1, 7, 10**9):
        assert position(cursor(seq)) == seq
    chance = random.Random(5)
    for _ in range(500):
        text = "".join(chance.choices(string.printable, k=chance.randint(0, 30)))
        with pytest.raises(Invalid):
            position(text)


def test_a_pair_has_one_name() -> None:
    """From either side."""
    assert pair("b", "a") == pair("a", "b") != pair("a", "c")


@pytest.mark.parametrize(
    ("progress", "status"),
    [
        ([(0, 0), (0, 0)], "sent"),
        ([(5, 0), (4, 0)], "sent"),
        ([(5, 0), (6, 2)], "delivered"),
        ([(5, 5), (6, 4)], "delivered"),
        ([(5, 5), (6, 6)], "read"),
    ],
)
def test_the_slowest_member_decides(progress, status) -> None:
    """The sender's own progress counts for nothing."""
    others = [Member(f"m{n}", delivered, read) for n, (delivered, read) in enumerate(progress)]
    chat = Chat("c", Kind.GROUP, (Member("me"), *others), now(), seq=9)
    assert chat.status(message(5, "me")) == status


def test_a_chat_is_shown_to_its_members_only() -> None:
    """The view of a stranger is NotFound."""
    chat = Chat("c", Kind.DIRECT, (Member("a"), Member("b", unread=3)), now())
    assert chat_view(chat, "b")["unread"] == 3
    with pytest.raises(NotFound):
        chat_view(chat, "c")


def test_signalling_follows_the_state_whatever_the_order() -> None:
    """Sixty random orders of events by three people: what is allowed is what the contract says."""
    chance = random.Random(11)
    for _ in range(60):
        call = Call("k", "ann", "bob", "audio", State.RINGING, now())
        for _ in range(12):
            event, who = chance.choice(("offer", "answer", "ice", "end")), chance.choice(("ann", "bob", "eve"))
            allowed = None
            try:
                call.reason_of(who) if event == "end" else call.may_signal(event, who)
            except (NotFound, Forbidden, Conflict) as refusal:
                allowed = type(refusal)
            if who == "eve":
                assert allowed is NotFound
            elif event == "end":
                assert allowed is None
                call = replace(call, state=State.ENDED)
            elif (event, who) in (("offer", "bob"), ("answer", "ann")):
                assert allowed is Forbidden
            elif call.state is State.ENDED or (event != "offer" and not call.offered):
                assert allowed is Conflict
            else:
                assert allowed is None
                call = replace(call, offered=True, state=State.ACTIVE if event == "answer" else call.state)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<!doctype html>", None),
        (b"\x7fELF", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_the_type_is_in_the_first_bytes(head, kind) -> None:
    """And what is not among those that are kept is none."""
    assert type_of(head) == kind


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\me.jpg", "me.jpg"),
        ("line\r\nbreak\x00.png", "linebreak.png"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("日本 🙂.png", "日本 🙂.png"),
        ("x" * 300 + ".png", "x" * 96 + ".png"),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_a_name_is_never_a_path(sent, kept) -> None:
    """Nor does it hold what a terminal, a header or a reader could be misled by."""
    assert name_of(sent) == kept


def test_moments_have_milliseconds_and_a_z() -> None:
    """As everything in the contract that is a time."""
    told = moment(now())
    assert told and len(told) == len("2026-03-01T09:30:00.125Z") and told.endswith("Z")
    assert moment(None) is None
