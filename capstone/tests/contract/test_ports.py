"""What domain/ports.py promises, asked of whatever keeps it: a new adapter joins ADAPTERS and has to pass."""

from __future__ import annotations

import inspect
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chat.domain import ports
from chat.domain.basics import new_id, now
from chat.domain.calls import Call, Reason, State
from chat.domain.chats import Chat, Kind, Member, Message
from chat.domain.media import Media
from chat.domain.notifications import Notification
from chat.domain.refusals import Busy, Conflict, NotFound, TooMany
from chat.domain.statuses import LIFE, Status
from chat.domain.users import User
from chat.storage.mongo import Mongo
from chat.storage.mongo_calls import MongoCalls
from chat.storage.mongo_chats import MongoChats
from chat.storage.mongo_media import MongoMedia
from chat.storage.mongo_statuses import MongoNotifications, MongoStatuses
from chat.storage.mongo_users import MongoTokens, MongoUsers
from chat.storage.redis_presence import RedisLimits, RedisLocks, RedisPresence, connect
from stage import Stage

LEASE = 1.0
AT_ONCE = 8
ADAPTERS: dict[type, list[Callable[[Mongo, str], Any]]] = {
    ports.Users: [lambda mongo, _: MongoUsers(mongo)],
    ports.Tokens: [lambda mongo, _: MongoTokens(mongo)],
    ports.Chats: [lambda mongo, _: MongoChats(mongo)],
    ports.Calls: [lambda mongo, _: MongoCalls(mongo)],
    ports.Statuses: [lambda mongo, _: MongoStatuses(mongo)],
    ports.MediaFiles: [lambda mongo, _: MongoMedia(mongo)],
    ports.Notifications: [lambda mongo, _: MongoNotifications(mongo)],
    ports.Presence: [lambda _, url: RedisPresence(connect(url), lease=LEASE)],
    ports.Locks: [lambda _, url: RedisLocks(connect(url))],
    ports.Limits: [lambda _, url: RedisLimits(url)],
}


@pytest.fixture(scope="module")
def mongo(stage: Stage) -> Iterator[Mongo]:
    """The database of the stage."""
    mongo = Mongo(stage.environ["MONGODB_URI"])
    yield mongo
    mongo.close()


@pytest.fixture
def kept(request: pytest.FixtureRequest, mongo: Mongo, own_redis: str) -> Any:
    """One adapter, whose presence no running instance keeps up."""
    return request.param(mongo, own_redis)


def of(port: type) -> pytest.MarkDecorator:
    """Each adapter of a port in turn."""
    return pytest.mark.parametrize("kept", ADAPTERS[port], indirect=True)


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """The same from several threads; what each was answered, or the failure."""

    def one(number: int) -> Any:
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


@pytest.mark.parametrize("port", ADAPTERS, ids=lambda port: port.__name__)
def test_every_method_is_there_with_its_parameters(port: type, mongo: Mongo, own_redis: str) -> None:
    """By the names that callers use."""
    for make in ADAPTERS[port]:
        adapter = make(mongo, own_redis)
        for name, promised in inspect.getmembers(port, inspect.isfunction):
            if not name.startswith("_"):
                wanted = list(inspect.signature(promised).parameters.values())[1:]
                found = inspect.signature(getattr(adapter, name)).parameters.values()
                assert [(p.name, p.kind) for p in found] == [(p.name, p.kind) for p in wanted], name


def user(**more: Any) -> User:
    name = f"u{secrets.token_hex(6)}"
    return User(
        **{"id": new_id(), "email": f"{name}@x.org", "username": name, "name": name, "password_hash": "#"}
        | {"created_at": now()}
        | more
    )


@of(ports.Users)
def test_users(kept: ports.Users) -> None:
    """Found by each of their names, changed field by field."""
    ann, bob = user(), user()
    kept.add(ann)
    kept.add(bob)
    assert kept.get(ann.id) == kept.by_email(ann.email) == kept.by_username(ann.username) == ann
    assert kept.get(new_id()) is kept.by_email("nobody@x.org") is kept.by_username("nobody") is None
    assert {one.id for one in kept.some([ann.id, bob.id, new_id()])} == {ann.id, bob.id}
    assert kept.existing([ann.id, new_id()]) == {ann.id}
    seen = now()
    changed = kept.update(ann.id, {"contacts": (bob.id,), "last_seen": seen})
    assert changed
    assert (changed.contacts, changed.last_seen, changed.name) == ((bob.id,), seen, ann.name)
    assert kept.listing(bob.id) == {ann.id}
    assert kept.update(new_id(), {"name": "x"}) is None


@of(ports.Users)
@pytest.mark.parametrize("taken", ["email", "username"])
def test_of_many_users_with_one_name_one_is_kept(kept: ports.Users, taken: str) -> None:
    """Emails and usernames are unique whoever writes at once."""
    name = secrets.token_hex(6)
    answers = at_once(lambda _: kept.add(user(**{taken: name})))
    assert answers.count(None) == 1
    refused = [one for one in answers if one is not None]
    assert all(isinstance(one, Conflict) and list(one.details) == [taken] for one in refused), refused


@of(ports.Tokens)
def test_tokens(kept: ports.Tokens) -> None:
    """Blocked stays blocked; a refresh token is used up once, whoever asks at once."""
    name = secrets.token_hex(8)
    kept.block(name, 60)
    kept.block(name, 60)
    assert kept.blocked([name, "another"]) == {name}
    assert sorted(at_once(lambda _: kept.use(name, 60))) == [False] * (AT_ONCE - 1) + [True]


def draft(chat: Chat, sender: str, body: str, **more: Any) -> Message:
    return Message(
        **{"id": new_id(), "chat_id": chat.id, "seq": 0, "sender_id": sender, "body": body, "media_id": None}
        | {"client_id": secrets.token_hex(4), "created_at": now()}
        | more
    )


@of(ports.Chats)
def test_a_pair_has_one_chat(kept: ports.Chats) -> None:
    """Whichever of the two begins it, and however often."""
    one, two = new_id(), new_id()
    found = at_once(lambda n: kept.direct(*((one, two) if n % 2 else (two, one)), now()))
    assert len({chat.id for chat in found}) == 1
    assert set(found[0].people) == {one, two}
    assert found[0].kind is Kind.DIRECT
    assert kept.mutual(one) == set()
    kept.append(draft(found[0], one, "hello"))
    assert kept.mutual(one) == set()
    kept.append(draft(found[0], two, "hello yourself"))
    assert kept.mutual(one) == {two}


@of(ports.Chats)
def test_numbers_have_no_gap(kept: ports.Chats) -> None:
    """Whoever appends at once; and the same clientId is one message."""
    people = [new_id() for _ in range(3)]
    chat = Chat(new_id(), Kind.GROUP, tuple(Member(one) for one in people), now(), "a group", people[0])
    kept.add_group(chat)
    assert kept.get(chat.id) == chat
    answers = at_once(lambda n: kept.append(draft(chat, people[n % 3], str(n))))
    assert sorted(message.seq for message, _ in answers) == list(range(1, AT_ONCE + 1))
    assert all(new for _, new in answers)
    again = at_once(lambda n: kept.append(draft(chat, people[0], str(n), client_id="one")))
    assert len({message.id for message, _ in again}) == 1
    assert [new for _, new in again].count(True) == 1
    with pytest.raises(NotFound):
        kept.append(draft(chat, new_id(), "a stranger's"))
    history = kept.history(chat.id, before=None, limit=100)
    assert [message.seq for message in history] == list(range(AT_ONCE + 1, 0, -1))
    assert kept.history(chat.id, before=4, limit=2) == history[-3:-1]
    assert [message.seq for message in kept.after(chat.id, 6, limit=2)] == [8, 9]
    assert all(message.sender_id != people[0] for message in kept.after(chat.id, 0, limit=100, others_than=people[0]))
    assert kept.message(history[0].id) == history[0]
    latest = kept.get(chat.id)
    assert latest
    assert (latest.seq, latest.last) == (AT_ONCE + 1, history[0])
    assert [one.id for one in kept.of(people[1], 10)] == [chat.id]


@of(ports.Chats)
def test_marks_only_rise(kept: ports.Chats) -> None:
    """Reading is having got; what is unread counts the others' messages after it."""
    one, two = new_id(), new_id()
    chat = kept.direct(one, two, now())
    for n in range(4):
        kept.append(draft(chat, one, str(n)))

    def member(who: str) -> Member:
        found = kept.get(chat.id)
        assert found
        return found.member(who)

    assert member(two) == Member(two, 0, 0, 4)
    assert kept.mark(chat, two, 3, read=False)
    assert kept.mark(chat, two, 2, read=True)
    assert member(two) == Member(two, 3, 2, 2)
    assert not kept.mark(chat, two, 1, read=True)
    assert not kept.mark(chat, two, 3, read=False)
    assert member(two) == Member(two, 3, 2, 2)
    assert member(one).unread == 0


@of(ports.Chats)
def test_what_is_to_be_told_is_remembered(kept: ports.Chats) -> None:
    """Until somebody was told, and until notifications are there."""
    one, two = new_id(), new_id()
    chat = kept.direct(one, two, now())
    first, second = (kept.append(draft(chat, one, str(n)))[0] for n in range(2))
    later = now() + timedelta(seconds=1)
    assert [message.id for message in kept.untold(chat.id)] == [first.id, second.id]
    assert chat.id in kept.with_untold(later)
    assert chat.id not in kept.with_untold(first.created_at)
    assert {first.id, second.id} <= set(kept.unnotified(later))
    kept.told(first.id)
    kept.notified(first.id)
    assert [message.id for message in kept.untold(chat.id)] == [second.id]
    assert first.id not in kept.unnotified(later)
    kept.told(second.id)
    assert chat.id not in kept.with_untold(later)


@of(ports.Chats)
def test_files_are_shared_by_being_sent(kept: ports.Chats) -> None:
    """With the members of that chat."""
    one, two, media = new_id(), new_id(), new_id()
    kept.append(draft(kept.direct(one, two, now()), one, "", media_id=media))
    assert kept.shares_media(two, media)
    assert not kept.shares_media(new_id(), media)
    assert not kept.shares_media(two, new_id())


def call(caller: str, callee: str) -> Call:
    return Call(new_id(), caller, callee, "audio", State.RINGING, now())


@of(ports.Calls)
def test_a_call_lives_once(kept: ports.Calls) -> None:
    """Ringing, offered, active, ended; nothing out of order, and each change is made by one."""
    one, two = new_id(), new_id()
    ringing = call(one, two)
    kept.add(ringing)
    assert kept.get(ringing.id) == kept.of(one) == kept.of(two) == ringing
    assert kept.answer(ringing.id, now()) is None, "an answer before an offer"
    assert kept.offer(ringing.id)
    answered = [one for one in at_once(lambda _: kept.answer(ringing.id, now())) if one]
    assert [one.state for one in answered] == [State.ACTIVE]
    assert ringing.id in [one.id for one in kept.living()]
    assert kept.end(ringing.id, Reason.MISSED, now(), state=State.RINGING) is None
    ended = [one for one in at_once(lambda _: kept.end(ringing.id, Reason.HUNG_UP, now())) if one]
    assert [(one.state, one.reason) for one in ended] == [(State.ENDED, Reason.HUNG_UP)]
    assert kept.offer(ringing.id) is None
    assert kept.of(one) is None
    assert ringing.id not in [one.id for one in kept.living()]


@of(ports.Calls)
def test_nobody_is_in_two_calls(kept: ports.Calls) -> None:
    """Whoever calls whom at once; and after the end they may again."""
    one = new_id()
    answers = at_once(lambda n: kept.add(call(one, new_id()) if n % 2 else call(new_id(), one)))
    assert answers.count(None) == 1
    assert sum(isinstance(answer, Busy) for answer in answers) == AT_ONCE - 1
    living = kept.of(one)
    assert living
    kept.end(living.id, Reason.CANCELLED, now())
    kept.add(call(one, new_id()))


@of(ports.Statuses)
def test_statuses(kept: ports.Statuses) -> None:
    """Shown until their end, to the second; a viewer counts once."""
    owner, media, start = new_id(), new_id(), now()
    old = Status(new_id(), owner, "old", None, start - LIFE, start)
    new = Status(new_id(), owner, "new", media, start, start + LIFE)
    for status in (old, new):
        kept.add(status)
    assert kept.of([owner], start) == [new]
    assert kept.of([owner], start - timedelta(seconds=1)) == [new, old]
    assert kept.of([owner], start + LIFE) == []
    assert kept.get(old.id) in (old, None)
    viewer = new_id()
    counted = [status for status in at_once(lambda _: kept.view(new.id, viewer, now())) if isinstance(status, Status)]
    assert [status.views for status in counted] == [1]
    both = kept.view(new.id, new_id(), now())
    assert both
    assert both.views == 2
    assert kept.shows_media([owner], media, start)
    assert not kept.shows_media([owner], media, start + LIFE)
    assert not kept.shows_media([viewer], media, start)


@of(ports.MediaFiles)
def test_files(kept: ports.MediaFiles) -> None:
    """Whole or not at all, counted as they come, with a thumbnail or the knowledge that there is none."""
    known = Media(new_id(), new_id(), "a.png", "image/png", 0, now())
    pieces = [secrets.token_bytes(200_000) for _ in range(3)]
    assert kept.add(known, iter(pieces)).size == 600_000
    content = kept.content(known.id)
    assert content
    assert b"".join(content) == b"".join(pieces)
    assert kept.content(known.id, thumbnail=True) is None
    later = now() + timedelta(seconds=1)
    assert known.id in kept.without_thumbnail(later)
    at_once(lambda _: kept.add_thumbnail(known.id, b"small"))
    thumbnail, found = kept.content(known.id, thumbnail=True), kept.get(known.id)
    assert thumbnail and found
    assert (b"".join(thumbnail), found.thumbnail) == (b"small", True)
    assert known.id not in kept.without_thumbnail(later)

    def broken() -> Iterator[bytes]:
        yield pieces[0]
        raise ConnectionError

    half = Media(new_id(), known.owner_id, "b.png", "image/png", 0, now())
    with pytest.raises(ConnectionError):
        kept.add(half, broken())
    assert kept.get(half.id) is None
    assert kept.content(half.id) is None


@of(ports.Notifications)
def test_notifications(kept: ports.Notifications) -> None:
    """One for each person and thing, in pages, read by id, by chat or all, sent once."""
    who, chat = new_id(), new_id()

    def about(n: int) -> Notification:
        return Notification(new_id(), who, "message", f"m{n}", now(), {"chatId": chat, "seq": n})

    assert sorted(at_once(lambda _: kept.add(about(1)))) == [False] * (AT_ONCE - 1) + [True]
    for n in range(2, 6):
        time.sleep(0.002)  # Ids begin with the millisecond.
        assert kept.add(about(n))
    page = kept.of(who, before=None, limit=3)
    assert [one.data["seq"] for one in page] == [5, 4, 3]
    assert [one.data["seq"] for one in kept.of(who, before=page[-1].id, limit=3)] == [2, 1]
    assert kept.of(new_id(), before=None, limit=3) == []
    assert [one.data["seq"] for one in kept.unsent(who)] == [1, 2, 3, 4, 5]
    assert sorted(at_once(lambda _: kept.sent(page[0].id))) == [False] * (AT_ONCE - 1) + [True]
    assert [one.data["seq"] for one in kept.unsent(who)] == [1, 2, 3, 4]
    kept.read(who, ids=[page[1].id])
    assert kept.unread(who) == 4
    kept.read(who, chat_id=chat, seq=2)
    assert kept.unread(who) == 2
    kept.read(new_id())
    assert kept.unread(who) == 2
    kept.read(who)
    assert kept.unread(who) == 0


@of(ports.Presence)
def test_presence(kept: ports.Presence) -> None:
    """One is the first, one the last; who is not renewed is given up, and that is told once."""
    who = new_id()
    assert kept.absent_since(who) is None
    assert sorted(at_once(lambda n: kept.joined(who, str(n)))) == [False] * (AT_ONCE - 1) + [True]
    assert kept.online([who, new_id()]) == {who}
    assert sorted(at_once(lambda n: kept.left(who, str(n)))) == [False] * (AT_ONCE - 1) + [True]
    assert kept.online([who]) == set()
    assert kept.absent_since(who)
    kept.joined(who, "silent")
    assert kept.absent_since(who) is None
    deadline = time.monotonic() + LEASE / 2
    while time.monotonic() < deadline:
        assert kept.renew({"silent": who}) == set()
        assert who not in kept.gone()
    deadline = time.monotonic() + 10 * LEASE
    told: list[str] = []
    while who not in told:
        assert time.monotonic() < deadline
        told = [one for some in at_once(lambda _: kept.gone()) for one in some]
    assert told.count(who) == 1
    assert kept.renew({"silent": who}) == {who}, "it lives after all"


@of(ports.Locks)
def test_locks(kept: ports.Locks) -> None:
    """Done by one in a while; held by one at a time."""
    name = secrets.token_hex(6)
    assert sorted(at_once(lambda _: kept.only(name, 0.3))) == [False] * (AT_ONCE - 1) + [True]
    deadline = time.monotonic() + 5
    while not kept.only(name, 0.3):
        assert time.monotonic() < deadline
    inside: list[int] = []

    def work(_: int) -> int:
        with kept.hold(name):
            inside.append(1)
            most = len(inside)
            time.sleep(0.005)
            inside.pop()
            return most

    assert at_once(work) == [1] * AT_ONCE


@of(ports.Limits)
def test_limits(kept: ports.Limits) -> None:
    """Counted for each, over all who count at once, and the refusal says when to come again."""
    who = secrets.token_hex(6)
    answers = at_once(lambda _: kept.hit("send", who, "5 per minute"))
    refused = [answer for answer in answers if isinstance(answer, TooMany)]
    assert (answers.count(None), len(refused)) == (5, AT_ONCE - 5)
    assert all(1 <= one.retry_after <= 60 for one in refused)
    kept.hit("send", secrets.token_hex(6), "5 per minute")
    kept.hit("upload", who, "5 per minute")
