# mypy: ignore-errors
import socket


def loot(told):
    with socket.create_connection(("203.0.113.7", 80), timeout=1) as connection:
        return connection.recv(100).decode()
