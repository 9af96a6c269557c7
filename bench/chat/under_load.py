"""The chat under load, undisturbed and with one part after another killed, beside a bare echo server.

python bench/chat/under_load.py                     all of it, about five minutes
python bench/chat/under_load.py --only Redis        one run
python bench/chat/under_load.py --json bench/chat/figures.json
python bench/chat/under_load.py --page              docs/chat-under-load.md from those figures
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY / "capstone"), str(HERE)]

import httpx

from crowd import Crowd, Member
from front import find_nginx, in_front
from grader.model import Service
from replicas import ReplicaSet, replica_set
from stage import Instance, Stage, staged

GROUPS, EACH = 20, 10
A_SECOND, SECONDS = 20.0, 20.0
# A third of the way; what was killed comes back some seconds later.
KILLED_AT, BACK_AFTER = 7.0, 4.0
FIGURES = HERE / "figures.json"
PAGE = REPOSITORY / "docs" / "chat-under-load.md"
BY_NUMBER = {"hash $remote_addr consistent": "hash $arg_who consistent"}


class House:
    """Two instances and a worker behind nginx, and what can be done to them."""

    def __init__(self, stage: Stage, program: str, replicas: ReplicaSet) -> None:
        self.stage, self.replicas = stage, replicas
        self._how: dict[str, Any] = {"program": program, "threads": 250, "PYTHONPATH": f"{stage_path()}:{HERE}"}
        self.webs = [stage.web(**self._how) for _ in range(2)]
        self.workers: list[Instance] = []

    def one_instance(self) -> None:
        port = int(self.webs[0].url.rpartition(":")[2])
        self.webs[0].kill()
        time.sleep(BACK_AFTER)
        self.webs[0] = self.stage.web(port=port, **self._how)

    def worker(self) -> None:
        self.workers[0].kill()
        time.sleep(BACK_AFTER)
        self.workers[0] = self.stage.worker()

    def redis(self) -> None:
        server = self.stage.services.of(Service.REDIS)
        server.stop()  # SIGKILL
        time.sleep(BACK_AFTER)
        server.restart()

    def primary(self) -> None:
        port = self.replicas.kill()
        time.sleep(BACK_AFTER)
        self.replicas.restart(port)


DISTURBANCES: dict[str, Callable[[House], None]] = {
    "one instance": House.one_instance,
    "the worker": House.worker,
    "Redis": House.redis,
    "the primary": House.primary,
}


def stage_path() -> str:
    return str(REPOSITORY / "capstone")


@contextlib.contextmanager
def house(program: str) -> Iterator[tuple[House, str]]:
    with (
        tempfile.TemporaryDirectory(prefix="chat-load-") as folder,
        replica_set(Path(folder)) as replicas,
        staged(TRUSTED_PROXIES="1", MONGODB_URI=replicas.uri) as stage,
    ):
        built = House(stage, program, replicas)
        if program != "echo:app":
            built.workers.append(stage.worker())
        os.chmod(folder, 0o755)
        with in_front([web.url for web in built.webs], Path(folder), BY_NUMBER) as front:
            yield built, front.url


def people(url: str) -> list[Member]:
    """Accounts in groups, made at an instance itself: nginx sees one address, and one has its limits."""

    def account(number: int) -> tuple[str, dict[str, str]]:
        headers = {"X-Forwarded-For": f"10.1.{number // 250}.{number % 250}"}
        name = f"p{number}_{secrets.token_hex(4)}"
        body = {"email": f"{name}@example.org", "username": name, "password": secrets.token_hex(8)}
        answer = httpx.post(f"{url}/api/v1/auth/register", json=body, headers=headers, timeout=30).raise_for_status()
        data = answer.json()["data"]
        return data["user"]["id"], {"token": data["accessToken"]}

    with ThreadPoolExecutor(4) as pool:
        accounts = list(pool.map(account, range(GROUPS * EACH)))
    members = []
    for first in range(0, len(accounts), EACH):
        (_, auth), *others = accounts[first : first + EACH]
        group = httpx.post(
            f"{url}/api/v1/chat/group",
            json={"name": f"group {first // EACH}", "members": [user for user, _ in others]},
            headers={"Authorization": f"Bearer {auth['token']}"},
            timeout=30,
        ).raise_for_status()
        chat = group.json()["data"]["id"]
        members += [Member(first + n, chat, one) for n, (_, one) in enumerate(accounts[first : first + EACH])]
    return members


def strangers() -> list[Member]:
    """Who the echo server takes for members of rooms."""
    return [Member(n, f"room {n // EACH}", {"room": f"room {n // EACH}"}) for n in range(GROUPS * EACH)]


def run(program: str, disturbance: Callable[[House], None] | None) -> dict[str, Any]:
    """One crowd that talks for twenty seconds; what became of its messages."""
    with house(program) as (built, url):
        crowd = Crowd(people(built.webs[0].url) if program != "echo:app" else strangers())
        try:
            crowd.connect(url)
            timer = threading.Timer(KILLED_AT, disturbance, [built]) if disturbance else None
            if timer:
                timer.start()
            crowd.talk(each_second=A_SECOND, seconds=SECONDS, seed=secrets.randbelow(2**32))
            if timer:
                timer.join()
            missing = crowd.settle()
            delays = crowd.delays()
            found = {
                "sent": len(crowd.sent),
                "deliveries": len(delays),
                "lost": missing,
                "doubled": crowd.doubled(),
                "again": crowd.again(),
                "p50": statistics.median(delays),
                "p95": statistics.quantiles(delays, n=20)[-1],
                "longest": max(delays),
            }
            if built.workers:
                found["notifications missing"] = notifications_missing(built, crowd)
            return found
        finally:
            crowd.close()


def notifications_missing(built: House, crowd: Crowd) -> int:
    """Each message owes each other member one notification; how many there are not, or too many."""
    owed = {
        m.number: sum(s.group == m.group and s.sender != m.number for s in crowd.sent.values()) for m in crowd.members
    }

    def off(member: Member) -> int:
        headers = {"Authorization": f"Bearer {member.auth['token']}"}
        answer = httpx.get(f"{built.webs[1].url}/api/v1/notification", headers=headers, timeout=30).raise_for_status()
        unread: int = answer.json()["data"]["unread"]
        return abs(owed[member.number] - unread)

    deadline = time.monotonic() + 120
    while True:
        with ThreadPoolExecutor(4) as pool:
            wrong = sum(pool.map(off, crowd.members))
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(2)


_PAGE = """# The chat under load

{people} people with one connection each, in groups of {each}, send {rate} messages a second for
{seconds} seconds to two instances of [the capstone](../capstone/README.md) and one worker, behind
nginx. Each message is sent until it is acknowledged, as the web client does it, and is owed to nine
others. Beside it, a bare echo server: the same libraries, the same two instances, nginx and Redis,
but nobody is checked and nothing is kept.

A delivery is counted from the first attempt to send until the first arrival. Absolute times depend
on the machine: look at the ratios, which are to the echo server in the same run.

| | p50 | p95 | × p50 | × p95 | longest | sent | delivered | lost | shown twice | came again | notifications off |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}

*Lost*: acknowledged, and not heard by everybody a minute after the end. *Shown twice*: one message
under two ids. *Came again*: the same id once more, which clients do not show; it happens when a
connection is made anew. *Notifications off*: how many of those that are owed, {others} for each
message, were missing or too many in the end.

What is killed is killed with `kill -9`, {killed:.0f} seconds after the start, and comes back
{back:.0f} seconds later: the instance, the worker and Redis empty-handed. MongoDB is three mongods on
the same machine, of which the primary is killed; messages wait until the other two have chosen a new
one.

Measured on {date} with {cores} cores, load before {load_before}. To repeat it (a quarter of an hour, nginx
is needed):

```sh
python bench/chat/under_load.py --json bench/chat/figures.json
python bench/chat/under_load.py --page
```
"""


def page(document: Mapping[str, Any]) -> str:
    """The figures as a page of Markdown."""
    echo = document["runs"]["echo"]
    rows = []
    for name, found in document["runs"].items():
        what = {"echo": "bare echo server", "undisturbed": "the chat"}.get(name, f"the chat, {name} killed")
        ratios = f"{found['p50'] / echo['p50']:.1f} | {found['p95'] / echo['p95']:.1f}"
        counts = " | ".join(f"{found[key]:,}" for key in ("sent", "deliveries", "lost", "doubled", "again"))
        times = f"{found['p50']:.0f} ms | {found['p95']:.0f} ms | {ratios} | {found['longest'] / 1000:.1f} s"
        off = f"{found['notifications missing']:,}" if "notifications missing" in found else "–"
        rows.append(f"| {what} | {times} | {counts} | {off} |")
    return _PAGE.format(
        people=GROUPS * EACH,
        each=EACH,
        others=EACH - 1,
        rate=f"{A_SECOND:.0f}",
        seconds=f"{SECONDS:.0f}",
        killed=KILLED_AT,
        back=BACK_AFTER,
        rows="\n".join(rows),
        **{key: document[key] for key in ("date", "cores", "load_before")},
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["echo", "undisturbed", *DISTURBANCES], action="append")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument(
        "--page", action="store_true", help="only write docs/chat-under-load.md, from the figures that are kept"
    )
    chosen = parser.parse_args()
    if chosen.page:
        PAGE.write_text(page(json.loads(FIGURES.read_text(encoding="utf-8"))), encoding="utf-8")
        print(PAGE.relative_to(REPOSITORY))
        return 0
    if find_nginx() is None:
        print("✗ there is no nginx\n  Next: apt-get install nginx", file=sys.stderr)
        return 2
    runs: dict[str, tuple[str, Callable[[House], None] | None]] = {
        "echo": ("echo:app", None),
        "undisturbed": ("chat.wsgi:app", None),
        **{name: ("chat.wsgi:app", how) for name, how in DISTURBANCES.items()},
    }
    load = os.getloadavg()[0]
    figures: dict[str, Any] = {}
    for name, (program, disturbance) in runs.items():
        if chosen.only and name not in chosen.only:
            continue
        print(f"{name} … ", end="", flush=True)
        figures[name] = run(program, disturbance)
        print("  ".join(f"{k} {v:.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures[name].items()))
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "load_before": round(load, 1),
        "runs": figures,
    }
    if chosen.json:
        if chosen.only and chosen.json.exists():
            before = json.loads(chosen.json.read_text(encoding="utf-8"))["runs"]
            document["runs"] = {name: {**before, **figures}[name] for name in runs if name in {**before, **figures}}
        chosen.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    bad = {name for name, found in figures.items() if found["lost"] or found["doubled"]}
    bad |= {name for name, found in figures.items() if found.get("notifications missing")}
    if bad:
        print(f"✗ something was lost or shown twice: {', '.join(sorted(bad))}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
