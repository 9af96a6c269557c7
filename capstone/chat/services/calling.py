"""Calls: who may say what when, and how a call ends by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.domain.basics import Clock, new_id
from chat.domain.calls import LOST_AFTER, RINGS_FOR, Call, Reason, State
from chat.domain.notifications import Notification
from chat.domain.ports import Announcer, Calls, Presence, Users
from chat.domain.refusals import Conflict, Invalid, NotFound
from chat.services.notifying import Notifying

# What each event carries besides the call's id.
CARRIES = {"offer": "offer", "answer": "answer", "ice": "candidate"}


class Calling:
    """Signalling between two people."""

    def __init__(
        self, calls: Calls, users: Users, presence: Presence, notifying: Notifying, announcer: Announcer, clock: Clock
    ) -> None:
        self._calls, self._users, self._presence = calls, users, presence
        self._notifying, self._announcer, self._clock = notifying, announcer, clock

    def start(self, caller_id: str, *, to: str, kind: str) -> Call:
        """A call that rings; raises NotFound and Busy."""
        if to == caller_id:
            raise Invalid(details={"to": ["That is you."]})
        if not self._users.existing([to]):
            raise NotFound("There is no such person.")
        # What should have ended by now stands in nobody's way, even if nobody has ended it yet.
        for person in (caller_id, to):
            call = self._calls.of(person)
            if call:
                self._end_if_over(call)
        call = Call(new_id(), caller_id, to, kind, State.RINGING, self._clock())
        self._calls.add(call)
        return call

    def signal(self, user_id: str, event: str, call_id: str, value: Mapping[str, Any], connection: str) -> None:
        """Relay an offer, an answer or a candidate as it is; raises NotFound, Forbidden and Conflict."""
        call = self._call(user_id, call_id)
        call.may_signal(event, user_id)
        if event == "offer":
            changed = self._calls.offer(call_id)
        elif event == "answer" and call.state is State.RINGING:
            changed = self._calls.answer(call_id, self._clock())
        else:
            changed = call
        if not changed:
            raise Conflict("The call has ended.")
        data = {"callId": call_id, "from": user_id, CARRIES[event]: value}
        if event == "offer":
            data["kind"] = call.kind
        self._announcer.tell([call.other(user_id)], f"call:{event}", data)
        if event == "answer":
            self._announcer.tell([user_id], "call:taken", {"callId": call_id}, but=connection)

    def end(self, user_id: str, call_id: str) -> Call:
        """End a call; one that has ended stays as it is. Raises NotFound."""
        call = self._call(user_id, call_id)
        if call.state is State.ENDED:
            return call
        self._end(call, call.reason_of(user_id))
        return self._call(user_id, call_id)

    def get(self, user_id: str, call_id: str) -> Call:
        """A call of this person; raises NotFound."""
        return self._call(user_id, call_id)

    def end_overdue(self) -> None:
        """End what nobody answered, and what one side has left without a word."""
        for call in self._calls.living():
            self._end_if_over(call)

    def _end_if_over(self, call: Call) -> None:
        now = self._clock()
        if call.state is State.RINGING and now - call.started_at >= RINGS_FOR:
            self._end(call, Reason.MISSED, state=State.RINGING)
            return
        # Whoever is called need not be there; whoever calls must.
        for person in call.people if call.state is State.ACTIVE else (call.caller_id,):
            absent = self._presence.absent_since(person)
            # Somebody who was never connected during the call has not left it.
            if absent and absent > call.started_at and now - absent >= LOST_AFTER:
                self._end(call, Reason.LOST)
                return

    def _end(self, call: Call, reason: Reason, *, state: State | None = None) -> None:
        ended = self._calls.end(call.id, reason, self._clock(), state=state)
        if not ended:
            return
        data = {"callId": ended.id, "reason": reason.value, "duration": ended.duration}
        self._announcer.tell(ended.people, "call:end", data)
        if reason in (Reason.MISSED, Reason.CANCELLED):
            told = {"callId": ended.id, "from": ended.caller_id, "kind": ended.kind}
            self._notifying.keep(
                Notification(new_id(), ended.callee_id, "missed_call", ended.id, self._clock(), data=told)
            )

    def _call(self, user_id: str, call_id: str) -> Call:
        call = self._calls.get(call_id)
        if not call:
            raise NotFound("There is no such call.")
        call.other(user_id)
        return call
