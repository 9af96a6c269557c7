"""The events of the namespace / : the room."""


def init(socketio):
    @socketio.on("connect")
    def arrive():
        # Task 1 starts here: give the client a name, and welcome it.
        pass
