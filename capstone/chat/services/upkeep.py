"""What has to happen though nobody asks: each instance tries every second, and one of them does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from chat.domain.ports import Locks
from chat.domain.refusals import Unavailable
from chat.services.attendance import Attendance
from chat.services.calling import Calling
from chat.services.chatting import Chatting
from chat.services.showing import Files

_log = structlog.get_logger()


class Upkeep:
    """Connections renewed, the dead buried, calls ended, messages told."""

    def __init__(
        self, attendance: Attendance, calling: Calling, chatting: Chatting, files: Files, locks: Locks
    ) -> None:
        self._attendance, self._calling, self._chatting, self._files = attendance, calling, chatting, files
        self._locks = locks

    def turn(self, connections: Mapping[str, str]) -> None:
        """One second's work. A database that is not there makes it wait; nothing makes it end."""
        self._try("renew", lambda: self._attendance.renew(connections))
        self._try("typing", self._attendance.stop_typing)
        try:
            ours = self._locks.only("upkeep", 0.9)
        except Unavailable:
            # Without Redis nobody can say whose turn it is; everything here may be done twice.
            ours = True
        if ours:
            self._try("bury", self._attendance.bury)
            self._try("calls", self._calling.end_overdue)
            self._try("relay", self._chatting.relay_overdue)
            self._try("jobs", self._ask_again)

    def _ask_again(self) -> None:
        # The queue may have lost what it was asked for, or the worker died of it; what was done, the databases know.
        self._chatting.ask_again()
        self._files.ask_again()

    def _try(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Unavailable as error:
            _log.debug("upkeep waits", what=what, why=error.message)
        except Exception:  # noqa: BLE001 a thread that ended here would end all this for good
            _log.exception("upkeep failed", what=what)
