"""Works through a list of steps on the learner's emitters and writes down who was called.

A step is ``["on", event, handler]``, the same with ``once`` or ``off``, or ``["emit", event,
*arguments]``, where a dictionary at the end holds the arguments with names. ``other.`` before
a verb means a second emitter. Handlers are names; one with a dot is a method of an object.
``does`` says which steps a handler takes when it is called for the first time; only there,
``["raise", type, text]`` is a step as well.
"""

import builtins


def probe(steps, does, catch):
    """Who was called, what each emit of ``steps`` returned, and, with ``catch``, what it raised.

    Where there is no emitter to call, nothing of that, and ``missing`` says what is not there.
    """
    try:
        import emitter
    except ModuleNotFoundError as error:
        if error.name != "emitter":
            raise
        return {"calls": [], "returned": [], "raised": [], "missing": "a file emitter.py"}
    if not hasattr(emitter, "EventEmitter"):
        return {"calls": [], "returned": [], "raised": [], "missing": "a class EventEmitter in emitter.py"}
    script = Script(emitter.EventEmitter, does)
    returned, raised = [], []
    caught = Exception if catch else ()
    for step in steps:
        try:
            value = script.take(step)
        except BaseExceptionGroup as group:
            if not catch:
                # No handler raises on purpose here, so the group holds the mistake to look for.
                raise group.exceptions[0] from None
            raised.append(described(group))
        except caught as error:
            raised.append(described(error))
        else:
            if step[0].endswith("emit"):
                returned.append(plain(value))
    return {"calls": script.calls, "returned": returned, "raised": raised, "missing": ""}


class Script:
    def __init__(self, make, does):
        self.calls = []
        self._make = make
        self._does = does
        self._emitters = {}
        self._handlers = {}

    def take(self, step):
        verb, event, *rest = step
        if verb == "raise":
            raise getattr(builtins, event)(*rest)
        whose, _, method = verb.rpartition(".")
        if whose not in self._emitters:
            self._emitters[whose] = self._make()
        act = getattr(self._emitters[whose], method)
        if method != "emit":
            return act(event, self._handler(rest[0]))
        names = rest.pop() if rest and isinstance(rest[-1], dict) else {}
        return act(event, *rest, **names)

    def _handler(self, name):
        if name not in self._handlers:
            self._handlers[name] = Handler(self, name)
        handler = self._handlers[name]
        # A method is a new object each time it is mentioned, a function always the same.
        return handler.method if "." in name else handler.function

    def called(self, name, args, kwargs):
        first = all(call[0] != name for call in self.calls)
        self.calls.append([name, plain(args), plain(kwargs)])
        for step in self._does.get(name, []) if first else []:
            self.take(step)


class Handler:
    def __init__(self, script, name):
        def function(*args, **kwargs):
            script.called(name, args, kwargs)

        self.function = function

    def method(self, *args, **kwargs):
        self.function(*args, **kwargs)


def described(error):
    """An exception as data: its kind, its text, and the exceptions inside if it is a group."""
    inside = [described(each) for each in error.exceptions] if isinstance(error, BaseExceptionGroup) else None
    return {"type": type(error).__name__, "text": plain(error.args[0] if error.args else ""), "inside": inside}


def plain(value):
    """``value`` as data; whatever is none is shown by its type."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return f"<{type(value).__name__}>"
