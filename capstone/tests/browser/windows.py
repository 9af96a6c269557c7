"""A window of the browser, and what somebody does in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect


@dataclass
class Window:
    """Somebody's browser, and what it complained about."""

    page: Page
    url: str
    username: str = ""
    name: str = ""
    complaints: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)

    def open(self, place: str) -> None:
        """Go to a place of the client without loading it again."""
        self.page.evaluate("place => { location.hash = place }", place)

    def sign_up(self, name: str) -> None:
        """Make an account by the form."""
        self.name, self.username = name, f"{name.lower()}_{secrets.token_hex(4)}"
        self.page.get_by_role("button", name="Make an account").click()
        form = self.page.locator("#sign-up")
        form.get_by_label("Name", exact=False).first.fill(name)
        form.get_by_label("Username").fill(self.username)
        form.get_by_label("Email").fill(f"{self.username}@example.org")
        form.get_by_label("Password").fill("correct horse battery")
        form.get_by_role("button", name="Sign up").click()
        expect(self.page.locator("#connection")).to_have_text("Connected")

    def add(self, other: Window) -> None:
        """Find somebody by username and add them to the contacts."""
        self.open("#/contacts")
        self.page.locator("#find").get_by_label("Username").fill(other.username)
        self.page.get_by_role("button", name="Find", exact=True).click()
        self.page.locator("#found").get_by_role("button", name="Add to contacts").click()
        expect(self.page.locator("#found .remove")).to_be_visible()

    def talk_to(self, other: Window) -> None:
        """Open the chat with a contact."""
        self.open("#/contacts")
        self.page.locator("#contacts-panel .row-link", has_text=other.name).first.click()
        expect(self.page.locator("#conversation-title")).to_have_text(other.name)

    def say(self, text: str) -> None:
        """Write into the open chat and send it."""
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.get_by_label("Message", exact=True).press("Enter")
