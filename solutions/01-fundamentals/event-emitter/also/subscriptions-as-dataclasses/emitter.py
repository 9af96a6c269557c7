"""An event emitter with one list of subscriptions for all events, and an account that listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Handler = Callable[..., Any]


@dataclass(eq=False)
class Subscription:
    """One registration; a spent one belongs to a once handler that had its run."""

    event: str
    handler: Handler
    once: bool = False
    spent: bool = False


@dataclass
class EventEmitter:
    subscriptions: list[Subscription] = field(default_factory=list)

    def on(self, event: str, handler: Handler) -> None:
        self.subscriptions.append(Subscription(event, handler))

    def once(self, event: str, handler: Handler) -> None:
        self.subscriptions.append(Subscription(event, handler, once=True))

    def off(self, event: str, handler: Handler) -> None:
        for subscription in reversed(self.subscriptions):
            if subscription.event == event and subscription.handler == handler:
                self.subscriptions.remove(subscription)
                break

    def emit(self, event: str, *args: Any, **kwargs: Any) -> bool:
        chosen = [subscription for subscription in self.subscriptions if subscription.event == event]
        errors: list[Exception] = []
        for subscription in chosen:
            if subscription.spent:
                continue
            if subscription.once:
                subscription.spent = True
                if subscription in self.subscriptions:
                    self.subscriptions.remove(subscription)
            try:
                subscription.handler(*args, **kwargs)
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup(f"{len(errors)} of {len(chosen)} handlers failed", errors)
        return chosen != []


@dataclass
class Account:
    """Finds out what replay wants to know; its methods are the handlers."""

    balance: int = 0
    first_deposit: int | None = None
    unheard: list[str] = field(default_factory=list)

    def listen_to(self, emitter: EventEmitter) -> None:
        emitter.once("deposit", self.open)
        emitter.on("deposit", self.pay_in)
        emitter.on("withdrawal", self.pay_out)

    def open(self, amount: int) -> None:
        self.first_deposit = amount

    def pay_in(self, amount: int) -> None:
        self.balance += amount

    def pay_out(self, amount: int) -> None:
        self.balance -= amount


def replay(happenings: list[list[Any]]) -> dict[str, Any]:
    emitter, account = EventEmitter(), Account()
    account.listen_to(emitter)
    account.unheard = [event for event, amount in happenings if not emitter.emit(event, amount)]
    return asdict(account)
