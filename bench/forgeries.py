"""What wrong programs get that try to be marked right instead of being right.

Each of the programs in bench/attacks/ is no notes API. Each is handed in to every grader, with
the same checks; a program may look which grader it is up against, as a student would. Then the
marks are read where an instructor reads them.
"""

from __future__ import annotations

import argparse
import codecs
import json
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import checks
import environments
import results
from checks import BENCH
from graders import OURS, PEER_GRADERS
from measure import run
from room import STUDENT, Grader, Room

EXAMPLES = """
examples:
  python bench/forgeries.py                      every attack on every grader; a few minutes
  python bench/forgeries.py --only check50 grader
  python bench/forgeries.py --json FILE          keep the table"""

# The solution and the program that tries nothing show that the marks are read rightly.
ATTACKS = {
    "solution": "the solution",
    "nothing": "tries nothing",
    "patches_the_framework": "patches the framework",
    "always_equal": "objects equal to everything",
    "forges_the_result": "forges the result",
    "reads_the_checks": "reads the checks",
}


def attempt(grader: Grader, environment: Path, attack: str, folder: Path) -> dict[str, Any]:
    """Hand one program in to one grader: the marks, and whether it got hold of the checks' text."""
    # A word that stands in the checks and nowhere else: where it turns up, the checks were read.
    word = f"secret{secrets.token_hex(8)}"
    source = checks.marked(checks.NOTES_CHECKS.read_text(), word)
    room = Room(folder, environment)
    grader.set_up(room, source)
    program = folder / "handed-in"
    program.mkdir()
    chosen = checks.NOTES_REFERENCE / "app.py" if attack == "solution" else BENCH / "attacks" / f"{attack}.py"
    shutil.copy(chosen, program / "app.py")
    grader.hand_in(room, STUDENT, program)
    finished = run((grader.grade_to_file or grader.grade)(room, [STUDENT]))
    if grader is OURS and finished.code not in (0, 1):
        raise SystemExit(f"our judge broke instead of judging:\n{finished.said[-2000:]}")
    marks = grader.marks(room, STUDENT, finished.said, finished.code)
    possible = len(checks.names(source))
    left = [path.read_text(errors="replace") for path in (room.folder / "tmp").rglob("read.txt")]
    return {
        "passed": marks.passed,
        "possible": possible,
        "exit_code": finished.code,
        "verdict": "full marks" if marks.passed >= possible else "some marks" if marks.passed > 0 else "no marks",
        # The program turns what it read, a grader's own report of a failure does not.
        "checks_read": any(codecs.encode(word, "rot13") in text for text in (marks.shown, *left)),
    }


def table(found: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Attacks down, graders across."""
    names = list(next(iter(found.values())))
    width = max(map(len, names)) + 4
    lines = [" " * 30 + "".join(f"{name:<{width}}" for name in names)]
    for attack, row in found.items():
        cells = [_cell(result) for result in row.values()]
        lines.append(f"{ATTACKS[attack]:<30}" + "".join(f"{cell:<{width}}" for cell in cells))
    return "\n".join([*lines, "", "*: the program got hold of the text of the checks"])


def _cell(result: dict[str, Any]) -> str:
    marks = f"some marks ({result['passed']})" if result["verdict"] == "some marks" else result["verdict"]
    return marks + ("*" if result["checks_read"] else "")


def main() -> None:
    """Every attack on every grader, as a table."""
    names = [grader.name.replace(" ", "-") for grader in (*PEER_GRADERS, OURS)]
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument(
        "--attacks", nargs="+", choices=list(ATTACKS), metavar="ATTACK", help=f"of {', '.join(ATTACKS)}"
    )
    parser.add_argument("--environments", type=Path, default=BENCH / ".environments", metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as data")
    options = parser.parse_args()
    left_out: dict[str, str] = {}
    found: dict[str, dict[str, dict[str, Any]]] = {attack: {} for attack in options.attacks or ATTACKS}
    tried: list[Grader] = []
    for grader in (*PEER_GRADERS, OURS):
        if options.only and grader.name.replace(" ", "-") not in options.only:
            continue
        try:
            environment = environments.environment(options.environments, grader.folder) if grader.folder else None
        except environments.NotInstalledError as error:
            left_out[grader.name] = f"pip could not install it: {error}"
            continue
        tried.append(grader)
        for attack, row in found.items():
            print(f"{grader.name}: {ATTACKS[attack]} …", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
                row[grader.name] = attempt(grader, environment or Path(sys.prefix), attack, Path(scratch))
    print(table(found))
    for name, reason in left_out.items():
        print(f"Left out: {name}. {reason}")
    if options.json:
        document = {
            "schema": "groundup-forgeries/1",
            "date": results.today(),
            "versions": results.versions(tried),
            "left_out": left_out,
            "attacks": found,
        }
        options.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left running, and nothing was kept.", file=sys.stderr)
        sys.exit(130)
