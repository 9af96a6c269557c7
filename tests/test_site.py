"""The site: it builds strictly without a network, and every page of it is sound in a real browser."""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, sync_playwright

from tests.conftest import REPOSITORY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Nothing of these is for the pages: they would only knock at doors that are closed.
QUIET = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MOST_BYTES = 300_000
NOT_COUNTED = ("/search/search_index.json", "/assets/vendor/mermaid.min.js")
AUDIT_ALL = os.environ.get("GROUNDUP_AUDIT") == "all"
NO_INDEX: dict[str, Any] = {"config": {"lang": ["en"], "separator": " ", "pipeline": [], "fields": {}}, "docs": []}
# Pages without others like them.
DRAWN = ("", "path/", "topics/", "reference/")
# How a page is seen: as on a desk by day, and as on a phone by night.
VISITS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, by mkdocs as `make site` calls it, where there is no network at all."""
    folder = tmp_path_factory.mktemp("site") / "site"
    without = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*without, "true"], capture_output=True, check=False).returncode:
        without = []
    built = subprocess.run(
        [*without, sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here; .ci/run installs one")
    options = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder as every host of static pages does: text is compressed, and connections stay."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Compressed if it is text."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in (".html", ".css", ".js", ".json", ".svg") or not path.is_file():
            super().do_GET()
            return
        body = _compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@functools.cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


def _kind(name: str) -> str:
    """What a page is made like: as exercises are, or lessons, or like no other."""
    first, _, rest = name.partition("/")
    if re.match(r"\d\d-", first):
        return "lab" if rest else "lesson"
    return first if rest or name in DRAWN else "prose"


def _addresses(site: Path) -> list[str]:
    pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return [re.sub(r"(^|/)index\.html$", r"\1", page) for page in pages if page != "404.html"]


class _Visitor:
    """A tab that opens one page after the other, and what each loads and complains of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        self.weights: dict[str, int] = {}
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))
        page.on("request", lambda request: self._asked(request.url))
        page.on("response", self._answered)

    def visit(self, name: str, *, audited: bool) -> list[str]:
        """What is wrong with a page, in words."""
        self.faults, self.weights = [], {}
        page = self.page
        page.goto(self.address + name)
        if page.locator(".mermaid").count():
            page.wait_for_function(
                "document.querySelectorAll('.mermaid').length && !document.querySelector('pre.mermaid')"
            )
        self._measure()
        if audited:
            self._audit()
        return [f"/{name} at {page.viewport_size}: {fault}" for fault in self.faults]

    def _failed(self, url: str, why: str) -> None:
        # What is aborted was still on its way when the next page was opened: the icon of the tab.
        if not why.endswith("ERR_ABORTED"):
            self.faults.append(f"{url} failed: {why}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asks {url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.url} answers {response.status}")
        elif not response.url.endswith(NOT_COUNTED):
            self.weights[response.url] = int(response.headers.get("content-length", 0))

    def _measure(self) -> None:
        wide, seen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if wide > seen:
            self.faults.append(f"is {wide} pixels wide and scrolls sideways in {seen}")
        weight = sum(self.weights.values())
        if weight > MOST_BYTES:
            self.faults.append(f"weighs {weight:,} bytes: {self.weights}")

    def _audit(self) -> None:
        found = Axe().run(self.page, options={"resultTypes": ["violations"]})
        for violation in found.response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                places = [node["html"][:160] for node in violation["nodes"][:3]]
                self.faults.append(f"axe: {violation['id']}: {violation['help']}: {places}")


def test_every_page_is_sound_at_a_desk_and_on_a_phone(site: Path, address: str, browser: Browser) -> None:
    """No error, no failed or foreign request, nothing wider than the screen or too heavy, no serious fault for axe.

    The first page of each kind is seen in both ways, and by axe; all others in one, by turns. Where
    GROUNDUP_AUDIT=all is set, every page is seen in both ways and by axe, which takes some minutes.
    """
    faults: list[str] = []
    names = _addresses(site)
    first = {_kind(name): name for name in reversed(names)}.values()
    for turn, visit in enumerate(VISITS):
        context = browser.new_context(**visit, reduced_motion="reduce")
        # Each page reads the whole index of the search, which has a test of its own, and is slow to do so.
        context.route("**/search_index.json", lambda route: route.fulfill(json=NO_INDEX))
        visitor = _Visitor(context.new_page(), address)
        for number, name in enumerate(names):
            whole = AUDIT_ALL or name in first
            if whole or number % 2 == turn:
                faults += visitor.visit(name, audited=whole)
        context.close()
    assert len(names) > 80
    assert faults == []


def test_the_search_finds_an_exercise(address: str, browser: Browser) -> None:
    """Typing a word into the search shows a page that is about it, with nothing from elsewhere."""
    page = browser.new_page()
    page.goto(address)
    page.locator(".md-search__input").fill("validation")
    page.locator(".md-search-result__link").first.wait_for()
    assert "notes-validation-errors" in " ".join(
        link.get_attribute("href") or "" for link in page.locator(".md-search-result__link").all()
    )
    page.close()


def test_the_recording_can_be_stopped_and_played_again(address: str, browser: Browser) -> None:
    """The button shows the last picture at once, and then the recording from its beginning."""
    page = browser.new_page()
    page.goto(address)
    image, button = page.locator(".recording img"), page.locator(".replay")
    button.click()
    assert (image.get_attribute("src") or "").endswith("recording.svg#still")
    button.click()
    assert "recording.svg?" in (image.get_attribute("src") or "")
    page.close()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What do I type first?", "make learn"),
        ("Which exercise teaches refresh tokens?", "Refresh tokens"),
        ("How do I grade 40 students?", "grader class import"),
        ("Why should I trust a mark?", "process"),
        ("How do I add an exercise?", "grader new"),
    ],
)
def test_a_stranger_has_an_answer_in_one_click(question: str, answer: str, address: str, browser: Browser) -> None:
    """Each question stands on the first page, and the page behind it answers, where the click leads."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("link", name=question).click()
    page.wait_for_load_state()
    assert page.get_by_text(answer).first.is_visible()
    page.close()
