# mypy: ignore-errors
import socket


def loot(told):
    reached = []
    for address in (("2001:db8::7", 80, 0, 0), ("fe80::1", 80, 0, 1), ("ff02::1", 80, 0, 1)):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                with socket.socket(socket.AF_INET6, kind) as sender:
                    sender.settimeout(0.3)
                    sender.connect(address)
                    sender.send(b"hello")
                    reached.append(address[0])
            except OSError:
                continue
    raise LookupError(f"reached {reached}" if reached else "nobody over IPv6")
