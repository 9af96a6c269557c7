"""Who is listening, and what they are told. Yours to write.

Nothing uses this yet: create_app() in app.py has to call news.init_app(app), and the routes have to tell.
"""

from flask_socketio import SocketIO


def init_app(app):
    socketio = SocketIO(app, async_mode="threading")

    @socketio.on("connect")
    def arrive(auth=None):
        # Task 1 starts here: auth is what the client sent, or None. Who is this?
        pass


def tell(user_id, event, data):
    """Tell every connection of a user what has happened to a note."""
