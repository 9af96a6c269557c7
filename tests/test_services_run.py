"""``grader run`` and ``grader doctor`` with services: the same servers for a learner at play, said where they are."""

from __future__ import annotations

import json
import re
import smtplib
import subprocess
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from grader.render import document
from grader.services.redis_wire import Wire
from tests.conftest import REPOSITORY, Finished, Mini, read_until
from tests.test_services import COUNTER, NOTES, NOTES_PROCFILE, SETUP


def test_a_learner_at_play_has_the_same_services(mini: Mini, spawn: Callable[..., subprocess.Popen[str]]) -> None:
    """Each address can be pasted, mails are shown as they arrive, and the release command runs first."""
    mini.serve("redis", "sqlite", "smtp")
    app = NOTES + COUNTER.split("app = Flask(__name__)")[1].replace("redis.Redis", "__import__('redis').Redis").replace(
        "from flask import Flask\n", ""
    )
    mini.submit(app_py=app, setup_py=SETUP, Procfile=NOTES_PROCFILE)
    process = spawn("run", "hello", "--port", "8137", stderr=subprocess.STDOUT)
    told = read_until(process, "http://127.0.0.1:8137")
    lines = dict(re.findall(r"^\s*([A-Z_0-9]+)=(\S+)$", told, re.MULTILINE))
    assert lines.keys() >= {"REDIS_URL", "DATABASE_URL", "SMTP_URL"}
    assert "release" in told and "tables are there" in told
    read_until(process, "Running on")
    with httpx.Client(base_url="http://127.0.0.1:8137", trust_env=False) as http:
        assert http.post("/hits").json() == {"hits": 1}
        assert http.post("/notes", json={"title": "x"}).status_code == 201
    redis = urlsplit(lines["REDIS_URL"])
    wire = Wire(redis.port or 0, redis.username or "", redis.password or "")
    assert wire.ask("GET", "hits") == "1"
    wire.close()
    mail = urlsplit(lines["SMTP_URL"])
    with smtplib.SMTP(mail.hostname or "", mail.port or 0) as smtp:
        smtp.sendmail("a@x.example", ["ann@x.example"], b"Subject: hello\r\n\r\nhow are you\r\n")
    assert "to ann@x.example: hello" in read_until(process, "how are you")
    process.send_signal(2)
    assert "Stopped." in read_until(process, "Stopped.")
    process.wait(20)


def test_a_release_command_that_fails_ends_the_run(mini: Mini, grader: Callable[..., Finished]) -> None:
    """Nothing else is started; the exit code and the next step are said."""
    mini.submit(setup_py="raise SystemExit(3)\n", Procfile=NOTES_PROCFILE)
    done = grader("run", "hello")
    assert done.code == 1
    assert "release ended with exit code 3." in done.out


def test_doctor_tries_each_service(grader: Callable[..., Finished]) -> None:
    """A line for each, with its tier and version or what to install."""
    out = grader("doctor", cwd=REPOSITORY).out
    for service in ("redis", "mongo", "postgres", "sqlite", "smtp", "s3"):
        assert re.search(rf"(?m)^  ✓ {service}: (system|wheel|embedded) \S+", out) or f"no {service}: " in out
    assert re.search(r"✓ sqlite: embedded 3\.", out)


def test_a_report_says_what_stood_behind_each_service(mini: Mini) -> None:
    """In the document by the schema, and not in the text as long as all is well."""
    mini.serve("redis", "sqlite")
    mini.check_by(
        '@pytest.mark.task(1)\ndef test_counts(http):\n    """It counts."""\n    http.post("/hits").object["hits"]\n',
        app_py=COUNTER,
    )
    report = mini.grade()
    told = json.loads(document.dumps(report))["services"]
    assert told.keys() == {"redis", "sqlite"}
    assert re.fullmatch(r"(system|wheel) \d+\.\d+\.\d+", told["redis"])
    assert report.notes == ()
