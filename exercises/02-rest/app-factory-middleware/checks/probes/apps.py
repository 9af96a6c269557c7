"""Several apps of one factory in one process, and what they print; returns data only."""

import importlib
import os
import sys
import tempfile

import flask


def probe(configs, requests=(), at_import=None, at_call=None):
    """Import ``app``, call ``create_app`` once for each of ``configs``, then send ``requests``.

    A config of None means a call without arguments. A request is
    ``[number of the app, path, X-Request-ID or None]``. ``at_import`` and ``at_call`` are
    environment variables that are set before the import and before the calls.
    """
    # The descriptors themselves, so that it does not matter who holds which stream.
    with tempfile.TemporaryFile() as output:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor in (1, 2):
            os.dup2(output.fileno(), descriptor)

        os.environ.update(at_import or {})
        created = count_apps()
        module = importlib.import_module("app")
        found = {"created": len(created), "printed_by_import": printed(output)}

        os.environ.update(at_call or {})
        apps = [module.create_app() if config is None else module.create_app(config) for config in configs]
        found["answers"] = [ask(apps[number], path, sent) for number, path, sent in requests]
        found["printed"] = printed(output)
        return found


def count_apps():
    created = []
    original = flask.Flask.__init__

    def counting(self, *args, **kwargs):
        created.append(None)
        original(self, *args, **kwargs)

    flask.Flask.__init__ = counting
    return created


def ask(app, path, sent):
    # Straight into the environment of the request, where a folded header arrives as well.
    extra = {} if sent is None else {"HTTP_X_REQUEST_ID": sent}
    try:
        # Buffered, so that the answer is closed: a log may be written just then.
        answer = app.test_client().get(path, environ_overrides=extra, buffered=True)
        return {
            "status": answer.status_code,
            "id": answer.headers.get("X-Request-ID", ""),
            "body": answer.get_json(silent=True),
        }
    # Whatever comes out of the app is what the check wants to know.
    except Exception as error:  # noqa: BLE001
        return {"status": f"an exception ({type(error).__name__}: {error})", "id": "", "body": None}


def printed(output):
    sys.stdout.flush()
    sys.stderr.flush()
    # The position is shared with descriptors 1 and 2: read without moving it.
    data = os.pread(output.fileno(), 1_000_000, 0)
    return [line for line in data.decode("utf-8", errors="replace").split("\n") if line.strip()]
