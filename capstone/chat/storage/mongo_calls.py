"""Calls in MongoDB. A unique index over the calls that live keeps everybody out of a second one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chat.domain.calls import Call, Reason, State
from chat.domain.refusals import Busy
from chat.storage.mongo import Document, Mongo
from chat.storage.trouble import raises_unavailable


@raises_unavailable
class MongoCalls:
    """Keeps domain.ports.Calls."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    def add(self, call: Call) -> None:
        try:
            self._mongo["calls"].insert_one(
                {
                    "_id": call.id,
                    "people": list(call.people),
                    "callerId": call.caller_id,
                    "calleeId": call.callee_id,
                    "kind": call.kind,
                    "state": call.state.value,
                    "lives": True,
                    "offered": False,
                    "startedAt": call.started_at,
                    "answeredAt": None,
                    "endedAt": None,
                    "reason": None,
                }
            )
        except DuplicateKeyError:
            raise Busy from None

    def get(self, call_id: str) -> Call | None:
        return _call(self._mongo["calls"].find_one({"_id": call_id}))

    def answer(self, call_id: str, when: datetime) -> Call | None:
        return self._change(
            {"_id": call_id, "state": State.RINGING.value, "offered": True},
            {"state": State.ACTIVE.value, "answeredAt": when},
        )

    def offer(self, call_id: str) -> Call | None:
        return self._change({"_id": call_id, "lives": True}, {"offered": True})

    def end(self, call_id: str, reason: Reason, when: datetime, *, state: str | None = None) -> Call | None:
        wanted: Document = {"_id": call_id, "lives": True} | ({"state": str(state)} if state else {})
        ended = {"state": State.ENDED.value, "lives": False, "reason": reason.value, "endedAt": when}
        return self._change(wanted, ended)

    def living(self) -> Iterator[Call]:
        found = [_call(one) for one in self._mongo["calls"].find({"lives": True})]
        return iter([call for call in found if call])

    def of(self, user_id: str) -> Call | None:
        return _call(self._mongo["calls"].find_one({"people": user_id, "lives": True}))

    def _change(self, wanted: Document, changes: Document) -> Call | None:
        return _call(
            self._mongo["calls"].find_one_and_update(wanted, {"$set": changes}, return_document=ReturnDocument.AFTER)
        )


def _call(found: Document | None) -> Call | None:
    if not found:
        return None
    return Call(
        id=found["_id"],
        caller_id=found["callerId"],
        callee_id=found["calleeId"],
        kind=found["kind"],
        state=State(found["state"]),
        started_at=found["startedAt"],
        reason=Reason(found["reason"]) if found["reason"] else None,
        answered_at=found["answeredAt"],
        ended_at=found["endedAt"],
        offered=found["offered"],
    )
