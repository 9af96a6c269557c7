# mypy: ignore-errors
import ctypes
import os

KEY = 0x6D61726B


class Message(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_long), ("text", ctypes.c_char * 64)]


def plant(mark):
    libc = ctypes.CDLL(None, use_errno=True)
    message = Message(1, mark.encode())
    libc.msgsnd(libc.msgget(KEY, 0o1600), ctypes.byref(message), 64, 0o4000)
    queue = libc.mq_open(b"/mark", os.O_CREAT | os.O_RDWR, 0o600, None)
    libc.mq_send(queue, mark.encode(), len(mark), 0)


def remembered():
    libc = ctypes.CDLL(None, use_errno=True)
    message = Message()
    if libc.msgrcv(libc.msgget(KEY, 0), ctypes.byref(message), 64, 0, 0o4000) > 0:
        return message.text.decode()
    buffer = ctypes.create_string_buffer(8192)
    queue = libc.mq_open(b"/mark", os.O_RDONLY | os.O_NONBLOCK)
    return buffer.value.decode() if queue >= 0 and libc.mq_receive(queue, buffer, 8192, None) > 0 else None
