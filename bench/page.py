"""Writes the page of figures: ``python bench/page.py`` makes docs/benchmarks.md and its chart of bench/figures.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import chart
from checks import BENCH, REPOSITORY
from results import TITLES, UNITS

FIGURES = BENCH / "figures.json"
PAGE = REPOSITORY / "docs" / "benchmarks.md"
CHART = REPOSITORY / "docs" / "benchmarks.svg"

_OPENING = """# Benchmarks

The same assertions about the same solution of `notes-crud` ({requests} requests in 14 checks), by our
judge and by five others, in turns on one machine. The others call the program inside their own
process; ours starts it in a sandbox and speaks to it over HTTP, as a client does. What that buys is
on the page about [attacks](attacks.md).

Absolute times depend on the machine. Look at the ratios: they are to plain pytest, in the same run.

![Bars of the figures below](benchmarks.svg)
"""
_CLOSING = """
"Waiting" is from the order to the report by a judge that has been started before, as `grader watch`
has one ready whenever you save. "All fresh" starts the program again for every check. "Bare sockets"
is the least that anybody could need who sends these requests to this program from outside: no judge,
no sandbox, no start of the program. [Decision 7](decisions/0007-speed.md) says where the rest goes.

To repeat it, on a machine with nothing else to do (a quarter of an hour, and the network once, to
install the others by pip into environments of their own):

```sh
python bench/peers.py --json bench/figures.json
python bench/page.py
```
"""


def page(document: Mapping[str, Any], requests: int) -> str:
    """The page as Markdown."""
    machine, versions = document["machine"], document["versions"]
    lines = [_OPENING.format(requests=requests)]
    for part, title in TITLES.items():
        if part not in document:
            continue
        lines += [f"## {title}", "", f"| | {UNITS[part]} | ratio | from … to |", "|---|---:|---:|---:|"]
        for name, figure in document[part].items():
            span = f"{min(figure['runs']):.0f} … {max(figure['runs']):.0f}"
            lines.append(f"| {name} | {figure['median']:.0f} | {figure['ratio']:.2f} | {span} |")
        lines.append("")
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines.append(
        f"Medians, measured on {document['date']} with {machine['cores']} cores ({machine['processor']}), "
        f"Python {machine['python']}, load before {machine['load_before']}; {told}."
    )
    return "\n".join(lines) + "\n" + _CLOSING


def main() -> None:
    """Write both files."""
    from floor import REQUESTS

    document = json.loads(FIGURES.read_text(encoding="utf-8"))
    PAGE.write_text(page(document, REQUESTS), encoding="utf-8")
    CHART.write_text(chart.draw(document), encoding="utf-8")
    for path in (PAGE, CHART):
        print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    main()
