"""An event emitter: for every event a list of registrations, oldest first."""


class EventEmitter:
    """Calls the handlers of an event whenever the event is emitted."""

    def __init__(self):
        # From the name of an event to a list of pairs: (handler, whether it runs only once).
        self._registrations = {}
        self._nobody_yet = []

    def on(self, event, handler):
        """Call handler every time event is emitted."""
        self._registrations.setdefault(event, self._nobody_yet).append((handler, False))

    def once(self, event, handler):
        """Call handler the next time event is emitted, and then no more."""
        self._registrations.setdefault(event, self._nobody_yet).append((handler, True))

    def off(self, event, handler):
        """Remove the latest registration of handler for event, if there is one."""
        registrations = self._registrations.get(event, [])
        for index in reversed(range(len(registrations))):
            if registrations[index][0] == handler:
                del registrations[index]
                return

    def emit(self, event, *args, **kwargs):
        """Call every handler of event with these arguments; True if there was one."""
        current = self._registrations.get(event, [])
        # From here on the emitter works with a new list, so that no handler can change the one
        # we walk through, and one that emits the event again finds no once handler left.
        self._registrations[event] = [(handler, once) for handler, once in current if not once]
        errors = []
        for handler, _ in current:
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
