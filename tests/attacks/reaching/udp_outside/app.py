# mypy: ignore-errors
import socket


def loot(told):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", ("203.0.113.7", 53))
        return "sent"
