# mypy: ignore-errors
import socket


def loot(told):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1)
        asking.connect(("127.0.0.1", told["udp"]))
        asking.send(b"?")
        return asking.recv(100).decode()
