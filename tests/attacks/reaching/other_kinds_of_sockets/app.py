# mypy: ignore-errors
import socket

# AF_VSOCK, AF_BLUETOOTH, AF_ALG, AF_TIPC, AF_KEY, AF_CAN, AF_RDS, AF_XDP. None is connected to anything.
KINDS = {
    "vsock": (40, 1),
    "bluetooth": (31, 3),
    "alg": (38, 5),
    "tipc": (30, 1),
    "key": (15, 3),
    "can": (29, 3),
    "rds": (21, 5),
    "xdp": (44, 3),
}


def loot(told):
    made = []
    for name, (family, kind) in KINDS.items():
        try:
            socket.socket(family, kind, 0).close()
            made.append(name)
        except OSError:
            continue
    raise LookupError(f"made {made}" if made else "no other kind")
