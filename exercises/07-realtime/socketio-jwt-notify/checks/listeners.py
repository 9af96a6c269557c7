"""Those who listen: how they come in, how they are kept out, and what they hear of one day of Ann's."""

import json

from people import create, delete, expect, replace

REFUSAL = '{"message": "a sentence", "data": {"status": 401}}'


def listen(socketio, person, name, *transports, running=None, **more):
    """A connection of somebody's; ``more`` stands in ``auth`` beside the token."""
    return socketio.connect(
        auth={"token": person.token, **more},
        transports=transports or ("websocket",),
        running=running,
        name=name,
    )


def refused(socketio, auth, what, running=None, transport="websocket"):
    """What somebody who is kept out gets must be the connect_error of the contract."""
    told = socketio.refused(auth=auth, transports=(transport,), running=running, name=f"a client {what}")
    message = told.get("message") if isinstance(told, dict) else None
    words = isinstance(message, str) and message.strip()
    shown = json.dumps(told, ensure_ascii=False)[:200]
    fits = words and told == {"message": message, "data": {"status": 401}}
    assert fits, f"connect_error for a client {what}: expected {REFUSAL}, got {shown}"


def a_day(http, connect, ann, bob, texts):
    """The whole exercise in one story: Ann listens twice, Bob once, and notes are made, replaced and deleted over HTTP.

    ``connect(person, name, *transports)`` gives somebody who listens, ``texts`` are three bodies. What each listener
    must hear, in this order and nothing else: ``[(listener, [(event, data), …]), …]``; the first two are Ann's.
    """
    laptop, phone = connect(ann, "Ann's laptop", "websocket"), connect(ann, "Ann's phone", "polling")
    stranger = connect(bob, "Bob", "websocket")
    made = create(http, ann, texts[0])
    replaced = replace(http, ann, made["id"], texts[1])
    delete(http, ann, made["id"])
    # Whatever Bob was sent by mistake has reached him when this does.
    own = create(http, bob, texts[2])
    heard = [("note:created", made), ("note:updated", replaced), ("note:deleted", {"id": made["id"]})]
    return [(laptop, heard), (phone, heard), (stranger, [("note:created", own)])]


def hears(listener, event, note_id, after):
    """The next event of this name, which must be about this note, and the only one."""
    data = listener.expect(event)
    told = data.get("id") if isinstance(data, dict) else data
    expect(told, note_id, f"the id in {event} for {listener.name} after {after}")
    listener.silence()
    return data
