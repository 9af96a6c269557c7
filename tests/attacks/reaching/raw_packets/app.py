# mypy: ignore-errors
import socket


def loot(told):
    failure = None
    for family, kind, protocol in ((socket.AF_PACKET, socket.SOCK_RAW, 0x0300), (socket.AF_INET, socket.SOCK_RAW, 1)):
        try:
            socket.socket(family, kind, protocol).close()
            return "made"
        except OSError as error:
            failure = error
    raise failure
