# mypy: ignore-errors
import socket


def loot(told):
    with socket.create_connection(("127.0.0.1", told["tcp"]), timeout=1) as connection:
        return connection.recv(100).decode()
