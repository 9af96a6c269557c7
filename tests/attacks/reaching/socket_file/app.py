# mypy: ignore-errors
import socket


def loot(told):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(told["unix"])
        return connection.recv(100).decode()
