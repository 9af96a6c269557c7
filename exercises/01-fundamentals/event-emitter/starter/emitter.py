"""An event emitter. The contract and the tasks are in README.md (grader show event-emitter)."""


class EventEmitter:
    """Calls the handlers of an event whenever the event is emitted."""

    def __init__(self):
        # Task 1 starts here: what does an emitter have to remember?
        pass

    def on(self, event, handler):
        """Call handler every time event is emitted."""

    def once(self, event, handler):
        """Call handler the next time event is emitted, and then no more."""

    def off(self, event, handler):
        """Remove the latest registration of handler for event, if there is one."""

    def emit(self, event, *args, **kwargs):
        """Call every handler of event with these arguments; True if there was one."""


def replay(happenings):
    """Emit a list of [event, amount] on a new emitter; return what its handlers found out."""
    return {"balance": 0, "first_deposit": None, "unheard": []}
