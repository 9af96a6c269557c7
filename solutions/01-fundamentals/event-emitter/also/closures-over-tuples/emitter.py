"""An event emitter out of functions: once wraps, and every change makes a new tuple.

A tuple cannot change, so an emit may walk through the one it found without a copy.
"""

from collections import Counter, defaultdict


class EventEmitter:
    def __init__(self):
        self._handlers = defaultdict(tuple)

    def on(self, event, handler):
        self._handlers[event] += (handler,)

    def once(self, event, handler):
        def wrapper(*args, **kwargs):
            self._keep(event, lambda registered: registered is not wrapper)
            return handler(*args, **kwargs)

        wrapper.wrapped = handler
        self.on(event, wrapper)

    def off(self, event, handler):
        fitting = [registered for registered in self._handlers[event] if _inner(registered) == handler]
        handlers = list(self._handlers[event])
        if fitting:
            handlers.reverse()
            handlers.remove(fitting[-1])
            handlers.reverse()
        self._handlers[event] = tuple(handlers)

    def emit(self, event, /, *args, **kwargs):
        handlers = self._handlers[event]
        errors = [error for handler in handlers if (error := _failure(handler, args, kwargs))]
        if errors:
            raise ExceptionGroup("some handlers failed", errors)
        return len(handlers) > 0

    def _keep(self, event, wanted):
        self._handlers[event] = tuple(filter(wanted, self._handlers[event]))


def _inner(registered):
    return getattr(registered, "wrapped", registered)


def _failure(handler, args, kwargs):
    try:
        handler(*args, **kwargs)
    except Exception as error:
        return error
    return None


def replay(happenings):
    sums, deposits, unheard = Counter(), [], []
    emitter = EventEmitter()
    emitter.on("deposit", lambda amount: sums.update(deposit=amount))
    emitter.on("withdrawal", lambda amount: sums.update(withdrawal=amount))
    emitter.once("deposit", deposits.append)
    for event, amount in happenings:
        emitter.emit(event, amount) or unheard.append(event)
    return {
        "balance": sums["deposit"] - sums["withdrawal"],
        "first_deposit": next(iter(deposits), None),
        "unheard": unheard,
    }
