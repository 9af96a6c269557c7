"""A chat backend: accounts, presence, chats, calls, statuses, media and notifications. SPEC.md is its contract."""

__version__ = "1.0.0"
