"""The web client in a real browser, with a real server, and two people who use it."""

from __future__ import annotations

import io
import os
import re
import secrets
import signal
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Page, expect
from windows import Window

from stage import Stage

MOVING = """() => {
  const frames = (id) => {
    const video = document.getElementById(id);
    return video.videoWidth > 0 && video.currentTime > 0.2 && video.getVideoPlaybackQuality().totalVideoFrames > 5;
  };
  return frames("call-remote") && frames("call-local");
}"""


def picture(color: tuple[int, int, int] = (200, 80, 40)) -> dict[str, object]:
    """A file as a form takes it."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), color).save(out, "PNG")
    return {"name": "holiday.png", "mimeType": "image/png", "buffer": out.getvalue()}


def message(page: Page, text: str) -> object:
    """The messages with exactly this text."""
    return page.locator("#messages .message", has=page.locator(".text", has_text=re.compile(f"^{re.escape(text)}$")))


def test_errors_are_at_their_fields(window: Callable[..., Window]) -> None:
    """What the server refuses is said at the field that it is about, and a wrong password above the button."""
    page = window().page
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#log-in-email-error")).to_have_text("Please fill this in.")
    page.locator("#log-in").get_by_label("Email").fill("nobody@example.org")
    page.locator("#log-in").get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#log-in [data-error=form]")).not_to_be_empty()

    page.get_by_role("button", name="Make an account").click()
    form = page.locator("#sign-up")
    form.get_by_label("Username").fill("x")
    form.get_by_label("Email").fill("no address")
    form.get_by_label("Password").fill("short")
    form.get_by_role("button", name="Sign up").click()
    for name in ("username", "email", "password"):
        expect(page.locator(f"#sign-up-{name}-error")).not_to_be_empty()
        expect(form.locator(f"[name={name}]")).to_have_attribute("aria-invalid", "true")


def test_two_people_chat(pair: tuple[Window, Window]) -> None:
    """A message arrives at once, typing is seen, and the ticks of the sender tell that it was read."""
    ann, bob = pair
    ann.say("Good morning!")
    expect(message(bob.page, "Good morning!")).to_have_count(1)
    expect(message(ann.page, "Good morning!")).to_have_attribute("data-status", "read")

    bob.page.get_by_label("Message", exact=True).press_sequentially("Good", delay=20)
    expect(ann.page.locator("#typing-text")).to_have_text("Bob is typing")
    bob.say("Good evening!")
    expect(ann.page.locator("#typing-text")).to_be_empty()
    expect(message(ann.page, "Good evening!")).to_have_count(1)
    expect(ann.page.locator("#conversation-subtitle")).to_have_text("online")


def test_an_unread_chat_is_counted_and_delivered(pair: tuple[Window, Window]) -> None:
    """Where the chat is not open its messages are delivered, counted and notified, and read once it is."""
    ann, bob = pair
    bob.open("#/chats")
    ann.say("one")
    ann.say("two")
    expect(bob.page.locator("#chats .badge")).to_have_text("2")
    expect(bob.page.locator("#alerts-count")).to_have_text("2")
    expect(message(ann.page, "two")).to_have_attribute("data-status", "delivered")
    bob.page.locator("#chats .row-link").click()
    expect(message(ann.page, "two")).to_have_attribute("data-status", "read")
    expect(bob.page.locator("#chats .badge")).to_have_count(0)
    expect(bob.page.locator("#alerts-count")).to_be_empty()


def test_markup_stays_text(pair: tuple[Window, Window]) -> None:
    """What looks like HTML is shown as it was written, and nothing of it runs."""
    ann, bob = pair
    bad = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    ann.say(bad)
    expect(message(bob.page, bad)).to_have_count(1)
    assert bob.page.locator("#messages img, #messages script").count() == 0
    assert bob.page.title() != "taken"


def test_a_picture_is_seen_by_the_other(pair: tuple[Window, Window]) -> None:
    """A picture that one sends is shown inline to both, and opens in full."""
    ann, bob = pair
    ann.page.locator("#composer-file").set_input_files(picture())
    ann.say("Look at this")
    for one in pair:
        shown = one.page.locator("#messages .tile img")
        expect(shown).to_be_visible()
        one.page.wait_for_function("() => document.querySelector('#messages .tile img')?.naturalWidth > 0")
    expect(message(ann.page, "Look at this")).to_have_attribute("data-status", "read")
    bob.page.get_by_role("button", name="Open the picture holiday.png").click()
    expect(bob.page.locator("#picture")).to_be_visible()
    bob.page.wait_for_function("() => document.getElementById('picture').naturalWidth === 640")


def test_a_refused_file_can_be_discarded(pair: tuple[Window, Window]) -> None:
    """A file of a kind that is not kept stays with the sender, with the reason and a way to be rid of it."""
    ann, bob = pair
    ann.page.locator("#composer-file").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"just some words, no picture at all"}
    )
    ann.say("my notes")
    expect(message(ann.page, "my notes")).to_have_attribute("data-status", "failed")
    ann.page.get_by_role("button", name="Discard").click()
    expect(message(ann.page, "my notes")).to_have_count(0)
    ann.say("never mind")
    expect(message(bob.page, "never mind")).to_have_count(1)
    assert message(bob.page, "my notes").count() == 0


def test_older_messages_come_on_scrolling(pair: tuple[Window, Window]) -> None:
    """A chat begins with its newest page, and scrolling up brings all the others, each once and in order."""
    ann, bob = pair
    ann.page.evaluate(
        """async ([username, text]) => {
          const { accessToken } = JSON.parse(localStorage.getItem("chat.session"));
          const headers = { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" };
          const ask = async (path, body) => {
            const sent = body ? { method: "POST", body: JSON.stringify(body) } : {};
            return (await fetch(`/api/v1${path}`, { headers, ...sent })).json();
          };
          const { data } = await ask(`/user/${username}`);
          for (let n = 1; n <= 110; n += 1) {
            const sent = { to: data.id, body: `${text} ${n}`, clientId: `${text}-${n}` };
            while (!(await ask("/chat/send", sent)).success) await new Promise((done) => setTimeout(done, 300));
          }
        }""",
        [bob.username, "line"],
    )
    bob.page.reload()
    bob.open("#/chats")
    bob.page.locator("#chats .row-link").click()
    expect(message(bob.page, "line 110")).to_be_in_viewport()
    assert message(bob.page, "line 1").count() == 0
    # Whoever has scrolled up a little stays there when a keyboard opens.
    bob.page.locator("#scroller").evaluate("element => { element.scrollTop -= 300 }")
    expect(bob.page.locator("#to-end")).to_be_visible()
    size = bob.page.viewport_size
    assert size
    bob.page.set_viewport_size({**size, "height": size["height"] - 150})
    bob.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(bob.page.locator("#to-end")).to_be_visible()
    bob.page.set_viewport_size(size)
    for _ in range(20):
        if bob.page.locator("#beginning").is_visible():
            break
        # Counted before: the page may come at once.
        before = bob.page.locator("#messages .message").count()
        bob.page.locator("#scroller").evaluate("element => { element.scrollTop = 0 }")
        bob.page.wait_for_function(
            "before => document.querySelectorAll('#messages .message').length > before"
            " || !document.getElementById('beginning').hidden",
            arg=before,
        )
    seqs = bob.page.locator("#messages .message").evaluate_all("all => all.map(one => Number(one.dataset.seq))")
    assert seqs == list(range(1, 111))


def test_what_was_written_without_a_connection_is_sent_once(window: Callable[..., Window], stage: Stage) -> None:
    """While the server is away messages wait; when it is back each is stored once, and what was missed is there."""
    away = stage.web()
    port = int(away.url.rsplit(":", 1)[1])
    ann, bob = window(away.url), window()
    ann.sign_up("Ann")
    bob.sign_up("Bob")
    ann.add(bob)
    bob.add(ann)
    ann.talk_to(bob)
    bob.talk_to(ann)
    ann.say("before")
    expect(message(bob.page, "before")).to_have_count(1)
    # The whole group of processes: the one that answers is a child of the one that was started.
    os.killpg(away.process.pid, signal.SIGKILL)
    away.process.wait()
    expect(ann.page.locator("#connection")).to_have_text("Reconnecting…")
    ann.say("meanwhile")
    expect(message(ann.page, "meanwhile")).to_have_attribute("data-status", "sending")
    bob.say("are you there?")
    stage.web(port=port)
    expect(message(bob.page, "meanwhile")).to_have_count(1, timeout=30_000)
    expect(message(ann.page, "are you there?")).to_have_count(1)
    expect(message(ann.page, "meanwhile")).to_have_attribute("data-status", "read")
    expect(message(ann.page, "meanwhile")).to_have_count(1)
    seqs = ann.page.locator("#messages .message").evaluate_all("all => all.map(one => Number(one.dataset.seq))")
    assert seqs == [1, 2, 3]


def test_a_group(pair: tuple[Window, Window]) -> None:
    """A group appears with everybody in it, and its messages name who wrote them."""
    ann, bob = pair
    name = f"Hikers {secrets.token_hex(2)}"
    ann.open("#/chats")
    ann.page.get_by_role("button", name="New group").click()
    ann.page.locator("#group-form").get_by_label("Name").fill(name)
    ann.page.get_by_role("checkbox", name="Bob").check()
    ann.page.get_by_role("button", name="Make the group").click()
    expect(ann.page.locator("#conversation-title")).to_have_text(name)
    ann.say("Who comes along?")
    bob.open("#/chats")
    bob.page.locator("#chats .row-link", has_text=name).click()
    expect(message(bob.page, "Who comes along?").locator(".sender")).to_have_text("Ann")
    expect(message(ann.page, "Who comes along?")).to_have_attribute("data-status", "read")


def test_a_status_is_seen_and_counted(pair: tuple[Window, Window]) -> None:
    """A status with a picture reaches a contact at once, and its owner sees that it was viewed."""
    ann, bob = pair
    ann.open("#/status")
    ann.page.get_by_role("button", name="New status").click()
    ann.page.get_by_label("What is new?").fill("Summer at last")
    ann.page.locator("#status-form [type=file]").set_input_files(picture((40, 120, 160)))
    ann.page.get_by_role("button", name="Show for 24 hours").click()
    expect(ann.page.locator(".views")).to_have_text("0 views")
    bob.open("#/status")
    bob.page.locator("#statuses .row-link", has_text="Ann").click()
    expect(bob.page.locator(".status-card .text")).to_have_text("Summer at last")
    bob.page.wait_for_function("() => document.querySelector('.status-card img')?.naturalWidth > 0")
    expect(ann.page.locator(".views")).to_have_text("1 view")
    assert bob.page.locator(".views").inner_text() == ""


def test_a_video_call(pair: tuple[Window, Window]) -> None:
    """A call rings, is taken, connects both browsers with moving pictures on both sides, and ends for both."""
    ann, bob = pair
    ann.page.get_by_role("button", name="Video call").click()
    expect(ann.page.locator("#call-note")).to_have_text("Ringing…")
    expect(bob.page.locator("#call-name")).to_have_text("Ann")
    bob.page.get_by_role("button", name="Accept").click()
    for one in pair:
        expect(one.page.locator("#call")).to_have_attribute("data-connection", "connected")
        one.page.wait_for_function(MOVING)
        assert one.page.locator("#call-remote").is_visible()
    ann.page.get_by_role("button", name="Mute").click()
    expect(ann.page.get_by_role("button", name="Unmute")).to_have_attribute("aria-pressed", "true")
    bob.page.get_by_role("button", name="Hang up").click()
    for one in pair:
        expect(one.page.locator("#call-note")).to_have_text("Call ended")
        expect(one.page.locator("#call")).to_be_hidden()


def test_leaving_the_page_ends_the_call(pair: tuple[Window, Window]) -> None:
    """Whoever goes away in a call hangs up, and the other one is not left waiting."""
    ann, bob = pair
    ann.page.get_by_role("button", name="Voice call").click()
    bob.page.get_by_role("button", name="Accept").click()
    expect(ann.page.locator("#call")).to_have_attribute("data-connection", "connected")
    bob.page.goto("about:blank")
    expect(ann.page.locator("#call-note")).to_have_text("Call ended")
    expect(ann.page.locator("#call")).to_be_hidden()


def test_a_declined_call(pair: tuple[Window, Window]) -> None:
    """Declining ends the call on both sides, and the next one can be made at once."""
    ann, bob = pair
    for _ in range(2):
        ann.page.get_by_role("button", name="Voice call").click()
        bob.page.get_by_role("button", name="Decline").click()
        expect(ann.page.locator("#call-note")).to_have_text("Declined")
        expect(ann.page.locator("#call")).to_be_hidden()
        expect(bob.page.locator("#call")).to_be_hidden()


def test_a_narrow_window_shows_one_pane(window: Callable[..., Window]) -> None:
    """At 360 pixels there is one pane at a time, a way back, and nothing to scroll sideways."""
    ann, bob = window(width=360, height=740), window()
    fits = "() => document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth"
    assert ann.page.evaluate(fits)
    ann.sign_up("Ann")
    bob.sign_up("Bob")
    ann.add(bob)
    ann.talk_to(bob)
    expect(ann.page.locator(".sidebar")).to_be_hidden()
    ann.say("a" * 300)
    expect(ann.page.locator("#messages .message")).to_have_attribute("data-status", re.compile("sent|delivered"))
    assert ann.page.evaluate(fits)
    assert ann.page.locator("#scroller").evaluate("element => element.scrollWidth <= element.clientWidth")
    ann.page.get_by_role("link", name="Back to the list").first.click()
    expect(ann.page.locator(".detail")).to_be_hidden()
    for place in ("chats", "contacts", "status", "alerts"):
        ann.open(f"#/{place}")
        expect(ann.page.locator(f"#{place}-panel")).to_be_visible()
        assert ann.page.evaluate(fits)


def test_an_ended_token_is_renewed_once_for_all_tabs(pair: tuple[Window, Window]) -> None:
    """Two tabs of one session that find its token ended renew it once, and both go on."""
    ann, bob = pair
    other = ann.page.context.new_page()
    renewals: list[str] = []
    for page in (ann.page, other):
        page.on("request", lambda request: renewals.append(request.url) if "/auth/refresh" in request.url else None)
    ann.page.evaluate(
        """() => {
          const session = JSON.parse(localStorage.getItem("chat.session"));
          localStorage.setItem("chat.session", JSON.stringify({ ...session, expiresAt: 0 }));
        }"""
    )
    other.goto(ann.page.url, wait_until="commit")
    ann.page.reload(wait_until="commit")
    for page in (ann.page, other):
        expect(page.locator("#connection")).to_have_text("Connected")
    assert len(renewals) == 1
    ann.talk_to(bob)
    ann.say("after that")
    expect(message(bob.page, "after that")).to_have_count(1)


def test_a_session_outlives_a_reload_and_ends_with_logging_out(pair: tuple[Window, Window]) -> None:
    """A reload keeps the session and the chat; logging out leaves nothing of it in the page or the storage."""
    ann, bob = pair
    ann.say("still here?")
    expect(message(bob.page, "still here?")).to_have_count(1)
    ann.open("#/chats")
    ann.page.reload()
    ann.page.locator("#chats .row-link").click()
    expect(message(ann.page, "still here?")).to_have_count(1)
    ann.page.get_by_role("button", name="Your profile").click()
    ann.page.get_by_role("button", name="Log out").click()
    expect(ann.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert ann.page.evaluate("() => localStorage.getItem('chat.session')") is None
    assert message(ann.page, "still here?").count() == 0
