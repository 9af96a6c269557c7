# mypy: ignore-errors
import socket


def loot(told):
    return socket.getaddrinfo("secret-word.example.org", 80)[0][4][0]
