"""Chromium, and people in windows of their own."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
from playwright.sync_api import Browser, expect  # noqa: E402
from windows import Window  # noqa: E402

from stage import Stage  # noqa: E402

FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # Host candidates are all there is; hidden behind mDNS names they would need a resolver.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 15_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium, or none and a reason."""
    executable = shutil.which("chromium")
    if not executable:
        pytest.skip("there is no chromium: apt-get install chromium")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    expect.set_options(timeout=WAIT)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, stage: Stage) -> Iterator[Callable[..., Window]]:
    """Open the client in a new window; in the end nothing was blocked, nothing failed and nothing left its origin."""
    opened: list[Window] = []

    def make(url: str = "", *, width: int = 1280, height: int = 800) -> Window:
        # Everybody comes from an address of their own, or the limit for one address would end the tests.
        address = ".".join(str(secrets.randbelow(256)) for _ in range(4))
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            permissions=["camera", "microphone"],
            extra_http_headers={"X-Forwarded-For": address},
        )
        context.set_default_timeout(WAIT)
        window = Window(context.new_page(), url or stage.running[0].url)
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on(
            "console",
            # That something is not there, or no longer reached, is told by the browser, and is no mistake of the page.
            lambda said: (
                window.complaints.append(said.text)
                if said.type == "error" and "Failed to load resource" not in said.text and "WebSocket" not in said.text
                else None
            ),
        )
        window.page.on("request", lambda request: window.addresses.add(request.url))
        window.page.goto(f"{window.url}/client/")
        opened.append(window)
        return window

    yield make
    for one in opened:
        one.page.context.close()
    for one in opened:
        assert one.complaints == []
        strange = {a for a in one.addresses if not a.startswith((f"{one.url}/", "blob:", "data:"))}
        assert strange == set()


@pytest.fixture
def pair(window: Callable[..., Window]) -> tuple[Window, Window]:
    """Two people who have each other as contacts and their chat open."""
    ann, bob = window(), window()
    ann.sign_up("Ann")
    bob.sign_up("Bob")
    for one, other in ((ann, bob), (bob, ann)):
        one.add(other)
    for one, other in ((ann, bob), (bob, ann)):
        one.talk_to(other)
    return ann, bob
