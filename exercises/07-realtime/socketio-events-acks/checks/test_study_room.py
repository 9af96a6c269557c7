"""What a study room must do, seen by its clients."""

import pytest


def enter(socketio, name="", **options):
    """Connect to the room and read the welcome; the client and its name."""
    client = socketio.connect(name=name, **options)
    return client, client.expect("welcome")["name"]


def exactly(value, expected, what):
    """A field must be true or false, and nothing that is only like it."""
    assert value is expected, f"{what}: expected {expected}, got {value!r}"


def succeed(client, event, *payload):
    """Call by the contract; the acknowledgement, which must be an object that says ok."""
    answer = client.call(event, *payload)
    assert isinstance(answer, dict), f"expected an object as the acknowledgement of {event}, got {answer!r}"
    exactly(answer["ok"], True, f"the ok in the acknowledgement of {event}")
    return answer


def fail(client, what, event, *payload):
    """Call against the contract; the acknowledgement must be an error in words. ``what`` says why it is one."""
    answer = client.call(event, *payload)
    assert isinstance(answer, dict), f"expected an object as the acknowledgement of {event}, got {answer!r}"
    exactly(answer["ok"], False, f"the ok in the acknowledgement of {what}")
    error = answer["error"]
    assert isinstance(error, str) and error.strip(), f"expected an error in words, got {error!r}"


def total(question):
    """The sum that a question asks for."""
    assert isinstance(question, str), f'expected a question like "17 + 25", got {question!r}'
    first, plus, second = question.partition(" + ")
    asks = plus and first.strip().isdecimal() and second.strip().isdecimal()
    assert asks, f'expected a question like "17 + 25", got {question!r}'
    return int(first) + int(second)


@pytest.mark.task(1)
def test_a_new_client_alone_gets_a_welcome(socketio):
    """A new client, and nobody else, gets a welcome with a name that nobody here has."""
    ann, first = enter(socketio, "ann")
    ben, second = enter(socketio, "ben")
    for name in (first, second):
        assert isinstance(name, str) and name.strip(), f"expected a name with something in it, got {name!r}"
    assert second != first, f"expected another name than {first!r}, which is taken"
    ann.silence("welcome")
    ann.disconnect()
    # Ben stays; whoever comes and goes beside him must not be taken for him.
    for _ in range(4):
        cleo, third = enter(socketio, "cleo")
        assert third != second, f"expected another name than {second!r}, which is taken"
        cleo.disconnect()
    ben.silence("welcome")


@pytest.mark.task(1)
@pytest.mark.after("test_a_new_client_alone_gets_a_welcome")
def test_health_counts_clients_once(socketio, http, rng, eventually):
    """GET /health counts the clients of / that are here now, each once."""

    def here(count, when):
        answer = http.get("/health")
        assert answer.status_code == 200
        assert answer.object["connections"] == count, f"the connections {when}"

    eventually(lambda: here(0, "while nobody is here"))
    clients = [enter(socketio)[0] for _ in range(rng.randint(2, 4))]
    eventually(lambda: here(len(clients), "after everyone has come"))
    for _ in range(2):
        clients.pop().disconnect()
        eventually(lambda: here(len(clients), "after somebody has left"))
        clients.append(enter(socketio)[0])
        eventually(lambda: here(len(clients), "after somebody has come back"))
    for _ in range(2):
        socketio.connect("/quiz", name="in the corner").silence()
    here(len(clients), "after two clients have connected to /quiz alone")


@pytest.mark.task(2)
@pytest.mark.after("test_a_new_client_alone_gets_a_welcome")
def test_say_is_acknowledged(socketio, rng):
    """say is acknowledged with ok."""
    ann, _ = enter(socketio, "ann")
    for _ in range(3):
        succeed(ann, "say", {"text": rng.text()})


@pytest.mark.task(2)
@pytest.mark.after("test_say_is_acknowledged")
def test_everyone_hears_what_is_said(socketio, rng):
    """Everyone hears what is said, the caller too, once and under the caller's name."""
    names = ("ann", "ben", "cleo", "dan", "eve")[: rng.randint(3, 5)]
    everyone = [enter(socketio, name) for name in names]
    for speaker, name in [everyone[0], everyone[-1], *rng.sample(everyone, 2)]:
        text = rng.text()
        succeed(speaker, "say", {"text": text})
        for client, _ in sorted(everyone, key=lambda person: person[0] is speaker):
            heard = client.expect("said")
            assert heard == {"from": name, "text": text}, f"what {client.name} hears when {speaker.name} has spoken"
            client.silence("said")


@pytest.mark.task(3)
@pytest.mark.after("test_everyone_hears_what_is_said")
def test_rename_is_told_to_the_others(socketio, rng):
    """rename is acknowledged, and told to everyone but the caller."""
    (ann, old), *others = [enter(socketio) for _ in range(3)]
    for name in rng.words(2):
        assert succeed(ann, "rename", {"name": name})["name"] == name, "the name in the acknowledgement"
        for client, _ in others:
            assert client.expect("renamed") == {"from": old, "to": name}, f"what {client.name} is told"
            client.silence("renamed")
        ann.silence("renamed")
        old = name
    text = rng.text()
    succeed(ann, "say", {"text": text})
    assert others[0][0].expect("said") == {"from": old, "text": text}, "what is heard under the new name"


@pytest.mark.task(3)
@pytest.mark.after("test_rename_is_told_to_the_others")
def test_a_whisper_reaches_one_client(socketio, rng):
    """A whisper reaches the one it is for and nobody else."""
    everyone = [enter(socketio) for _ in range(4)]
    (caller, name), (friend, to), *_ = rng.sample(everyone, 4)
    for attempt in range(2):
        text = rng.text()
        succeed(caller, "whisper", {"to": to, "text": text})
        assert friend.expect("whispered") == {"from": name, "text": text}, f"what {friend.name} hears"
        for client, _ in everyone:
            client.silence("whispered")
            client.silence("said")
        if attempt == 0:
            # The second whisper is for the same client under another name.
            to = succeed(friend, "rename", {"name": rng.word()})["name"]


@pytest.mark.task(3)
@pytest.mark.after("test_rename_is_told_to_the_others")
def test_a_name_is_free_again(socketio, rng, eventually):
    """A name is free again when its owner has left."""
    ann, _ = enter(socketio, "ann")
    name = rng.word()
    succeed(ann, "rename", {"name": name})
    ann.disconnect()

    def take():
        # Somebody new each time: whoever came too early was told of a mistake, and that is another check's affair.
        ben, _ = enter(socketio, "ben")
        answer = ben.call("rename", {"name": name})
        assert isinstance(answer, dict) and answer["ok"] is True, f"expected {name!r} to be free, got {answer!r}"

    eventually(take)


@pytest.mark.task(4)
@pytest.mark.after("test_everyone_hears_what_is_said")
def test_stats_are_the_callers_own(socketio, rng):
    """stats are about the connection that asks."""
    people = [enter(socketio) for _ in range(3)]
    said = dict.fromkeys(range(3), 0)
    for _ in range(8):
        number = rng.randrange(3)
        said[number] += 1
        succeed(people[number][0], "say", {"text": rng.text()})
    ann, _ = enter(socketio, "ann")
    assert succeed(ann, "stats")["said"] == 0, "what a new client has said"
    for number, (client, name) in enumerate(people):
        stats = succeed(client, "stats")
        assert stats["name"] == name, f"the name in the stats of {client.name}"
        assert stats["said"] == said[number], f"what {client.name} has said"


@pytest.mark.task(5)
@pytest.mark.after("test_a_whisper_reaches_one_client")
def test_bad_payloads_get_an_error(socketio, rng):
    """A payload that is not as it should be is acknowledged with an error, and nobody is told."""
    ben, name = enter(socketio, "ben")
    word, number = rng.word(), rng.randint(1, 99)
    payloads = {"no payload": (), "null": (None,), "text alone": (word,), "a number": (number,), "a list": ([word],)}
    values = {"an empty": "", "a blank": "   ", "a number as": number, "null as": None, "a list as": [word]}
    for event, field, more in (("say", "text", {}), ("rename", "name", {}), ("whisper", "text", {"to": name})):
        wrong = {f"{event} with {what}": payload for what, payload in payloads.items()}
        wrong |= {f"{event} with {what} {field}": ({**more, field: value},) for what, value in values.items()}
        wrong[f"{event} without {field}"] = (more,)
        for what, payload in wrong.items():
            # Each mistake is made by somebody who has made none before.
            ann, _ = enter(socketio)
            fail(ann, what, event, *payload)
            ann.disconnect()
    ann, called = enter(socketio, "ann")
    for what, to in (("without", {}), ("with a number as", {"to": number}), ("with a list as", {"to": [name]})):
        fail(enter(socketio)[0], f"whisper {what} to", "whisper", {"text": word, **to})
    fail(ann, "say with a blank text", "say", {"text": " "})
    stats = succeed(ann, "stats")
    assert [stats["name"], stats["said"]] == [called, 0], "name and said after an error"
    for event in ("said", "renamed", "whispered"):
        ben.silence(event)


@pytest.mark.task(5)
@pytest.mark.after("test_a_whisper_reaches_one_client")
def test_taken_and_unknown_names_are_errors(socketio, rng):
    """A name that is taken and a whisper to nobody are errors."""
    ann, first = enter(socketio, "ann")
    ben, second = enter(socketio, "ben")
    fail(ann, "rename to the first name of somebody else", "rename", {"name": second})
    new, nobody = rng.words(2)
    succeed(ben, "rename", {"name": new})
    ann.expect("renamed")
    fail(ann, "rename to the new name of somebody else", "rename", {"name": new})
    assert succeed(ann, "stats")["name"] == first, "the name after it was refused another"
    fail(ann, "whisper to nobody", "whisper", {"to": nobody, "text": rng.text()})
    for event in ("renamed", "whispered"):
        ben.silence(event)


@pytest.mark.task(5)
@pytest.mark.after("test_bad_payloads_get_an_error", "test_taken_and_unknown_names_are_errors")
def test_the_connection_survives(socketio, rng):
    """After an error this connection goes on, and so does everyone else's."""
    ann, name = enter(socketio, "ann")
    ben, _ = enter(socketio, "ben")
    for event, payload in (
        ("say", {"text": rng.randint(1, 99)}),
        ("rename", {}),
        ("whisper", {"to": rng.word(), "text": rng.text()}),
    ):
        fail(ann, f"a bad {event}", event, payload)
        text = rng.text()
        succeed(ann, "say", {"text": text})
        assert ben.expect("said") == {"from": name, "text": text}, f"what ben hears after the error of {event}"
        succeed(ben, "stats")


@pytest.mark.task(5)
@pytest.mark.after("test_everyone_hears_what_is_said")
def test_unknown_events_are_ignored(socketio, rng):
    """An event that nobody knows is ignored."""
    ann, name = enter(socketio, "ann")
    ben, _ = enter(socketio, "ben")
    text = rng.text()
    for event in (f"{rng.word()}-{rng.word()}", "said", "message"):
        ann.emit(event, {"from": name, "text": text})
    succeed(ann, "say", {"text": text})
    for client in (ann, ben):
        assert client.expect("said") == {"from": name, "text": text}, f"what {client.name} hears"
        client.silence()


@pytest.mark.task(6)
def test_quiz_asks_each_its_own(socketio, rng):
    """/quiz judges each client by its own question."""
    ann = socketio.connect("/quiz", name="ann in /quiz")
    ben = socketio.connect("/quiz", name="ben in /quiz")
    scores = {ann: 0, ben: 0}
    for _ in range(2):
        for _ in range(20):
            asked = {client: succeed(client, "ask")["question"] for client in (ann, ben)}
            if total(asked[ann]) != total(asked[ben]):
                break
        else:
            raise AssertionError(f"expected questions drawn at random, got {asked[ann]!r} for both, 20 times")
        for client in (ann, ben):
            answer = succeed(client, "answer", {"value": total(asked[client])})
            scores[client] += 1
            exactly(answer["right"], True, f"the right answer of {client.name} to {asked[client]}: the field right")
            assert answer["score"] == scores[client], f"the score of {client.name}"
    asked = succeed(ann, "ask")["question"]
    answer = succeed(ann, "answer", {"value": total(asked) + rng.randint(1, 9)})
    exactly(answer["right"], False, f"a wrong answer to {asked}: the field right")
    assert answer["score"] == scores[ann], "the score after a wrong answer"


@pytest.mark.task(6)
@pytest.mark.after("test_quiz_asks_each_its_own")
def test_players_are_counted(socketio, rng, eventually):
    """players counts the clients of /quiz that are here now."""
    ann = socketio.connect("/quiz", name="ann in /quiz")

    def here(count, when):
        assert succeed(ann, "players")["players"] == count, f"the players {when}"

    eventually(lambda: here(1, "while ann alone is in /quiz"))
    others = [socketio.connect("/quiz") for _ in range(rng.randint(2, 4))]
    eventually(lambda: here(1 + len(others), "after others have come"))
    for _ in range(2):
        others.pop().disconnect()
        eventually(lambda: here(1 + len(others), "after somebody has left"))
        others.append(socketio.connect("/quiz"))
        eventually(lambda: here(1 + len(others), "after somebody has come back"))
    enter(socketio, "ben")
    here(1 + len(others), "after a client has connected to / alone")


@pytest.mark.task(6)
@pytest.mark.after("test_quiz_asks_each_its_own")
def test_an_answer_closes_the_question(socketio, rng):
    """An answer closes the question, an error does not."""
    ann = socketio.connect("/quiz", name="ann in /quiz")
    fail(ann, "an answer before any question", "answer", {"value": rng.randint(1, 99)})
    for which, wrong in (("right", 0), ("wrong", rng.randint(1, 9))):
        value = total(succeed(ann, "ask")["question"])
        succeed(ann, "answer", {"value": value + wrong})
        fail(ann, f"another answer after a {which} one", "answer", {"value": value})
    value = total(succeed(ann, "ask")["question"])
    for what, payload in (
        ("nothing at all", ()),
        ("no value", ({},)),
        ("null as value", ({"value": None},)),
        ("text as value", ({"value": str(value)},)),
        ("a fraction as value", ({"value": value + 0.5},)),
        ("a number for a payload", (value,)),
    ):
        fail(ann, f"an answer with {what}", "answer", *payload)
    answer = succeed(ann, "answer", {"value": value})
    exactly(answer["right"], True, "the right answer after errors: the field right")
    assert answer["score"] == 2, "the score after two right answers"


@pytest.mark.task(6)
@pytest.mark.after("test_quiz_asks_each_its_own", "test_everyone_hears_what_is_said")
def test_solved_stays_in_the_corner(socketio, rng):
    """A right answer is told to everyone in /quiz and to nobody in /."""
    ann, _ = enter(socketio, "ann")
    ben, cleo = (socketio.connect("/quiz", name=f"{name} in /quiz") for name in ("ben", "cleo"))
    question = succeed(ben, "ask")["question"]
    succeed(ben, "answer", {"value": total(question) + 1})
    question = succeed(ben, "ask")["question"]
    succeed(ben, "answer", {"value": total(question)})
    for client in (ben, cleo):
        assert client.expect("solved") == {"question": question}, f"what {client.name} is told"
        client.silence()
    ben.emit("say", {"text": rng.text()})
    ben.silence()
    succeed(ann, "say", {"text": rng.text()})
    ann.expect("said")
    ann.silence()
    for client in (ben, cleo):
        client.silence()


@pytest.mark.task(7)
@pytest.mark.after("test_a_whisper_reaches_one_client")
def test_every_transport(socketio, rng):
    """Polling, WebSocket, and a change from one to the other work alike."""
    ways = (("polling",), ("websocket",), ("polling", "websocket"))
    everyone = [enter(socketio, f"the client by {' and '.join(way)}", transports=way) for way in ways]
    changed = everyone[2][0]
    assert changed.transport == "websocket", f"the transport of {changed.name}"
    for speaker, name in everyone:
        text = rng.text()
        succeed(speaker, "say", {"text": text})
        for client, _ in everyone:
            assert client.expect("said") == {"from": name, "text": text}, f"what {client.name} hears"
        for friend, to in everyone:
            succeed(speaker, "whisper", {"to": to, "text": text})
            assert friend.expect("whispered") == {"from": name, "text": text}, f"what {friend.name} hears"
