"""An event emitter: for every event a list of handlers, oldest first."""


class EventEmitter:
    """Calls the handlers of an event whenever the event is emitted."""

    def __init__(self):
        self._handlers = {}

    def on(self, event, handler):
        """Call handler every time event is emitted."""
        self._handlers.setdefault(event, []).append(handler)

    def once(self, event, handler):
        """Call handler the next time event is emitted, and then no more."""

        def wrapper(*args, **kwargs):
            self.off(event, wrapper)
            handler(*args, **kwargs)

        self.on(event, wrapper)

    def off(self, event, handler):
        """Remove the latest registration of handler for event, if there is one."""
        handlers = self._handlers.get(event, [])
        for index in reversed(range(len(handlers))):
            if handlers[index] == handler:
                del handlers[index]
                return

    def emit(self, event, *args, **kwargs):
        """Call every handler of event with these arguments; True if there was one."""
        # A copy, so that no handler can change the list we walk through.
        current = list(self._handlers.get(event, []))
        errors = []
        for handler in current:
            try:
                handler(*args, **kwargs)
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup(f"handlers of {event!r} failed", errors)
        return bool(current)


def replay(happenings):
    """Emit a list of [event, amount] on a new emitter; return what its handlers found out."""
    result = {"balance": 0, "first_deposit": None, "unheard": []}

    def add(amount):
        result["balance"] += amount

    def subtract(amount):
        result["balance"] -= amount

    def remember(amount):
        result["first_deposit"] = amount

    emitter = EventEmitter()
    emitter.on("deposit", add)
    emitter.once("deposit", remember)
    emitter.on("withdrawal", subtract)
    for event, amount in happenings:
        if not emitter.emit(event, amount):
            result["unheard"].append(event)
    return result
