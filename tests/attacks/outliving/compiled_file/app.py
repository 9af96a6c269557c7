# mypy: ignore-errors
import importlib.util
import os
import py_compile


def plant(mark):
    with open("/tmp/other.py", "w") as file:
        file.write(f"def remembered():\n    return {mark!r}\n")
    os.makedirs("/app/__pycache__", exist_ok=True)
    for name in ("app", "sitecustomize"):
        target = importlib.util.cache_from_source(f"/app/{name}.py")
        py_compile.compile("/tmp/other.py", target, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def remembered():
    return None
