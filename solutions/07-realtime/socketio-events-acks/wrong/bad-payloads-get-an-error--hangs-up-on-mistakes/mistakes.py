"""What a client did wrong, and how it is told: an exception here, an acknowledgement there."""


from flask_socketio import disconnect


class Mistake(Exception):
    """The client's mistake, in words for the client."""


def read_text(payload, field):
    """A field that must be a string with something in it."""
    value = payload.get(field) if isinstance(payload, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise Mistake(f"{field} must be a string that is not blank.")
    return value


def read_number(payload, field):
    """A field that must be a whole number."""
    value = payload.get(field) if isinstance(payload, dict) else None
    if type(value) is not int:
        raise Mistake(f"{field} must be a whole number.")
    return value


def init(socketio):
    # What this returns is sent as the acknowledgement of the event that failed.
    @socketio.on_error_default
    def acknowledge(error):
        if not isinstance(error, Mistake):
            raise error
        disconnect()
        return {"ok": False, "error": str(error)}
