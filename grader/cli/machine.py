"""``doctor`` and ``completion``: what this machine can do, and making its shell help."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib import metadata
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from grader import workspace
from grader.cli.terminal import command_name, course_of, say, sources, style
from grader.errors import GraderFault
from grader.grading.isolation import try_isolation, try_services, try_walls
from grader.model import Outcome
from grader.sandbox import bubblewrap

_PACKAGES = ("flask", "pytest", "httpx", "click")


@click.command(
    epilog="""\b
Examples:
  grader doctor

Exit codes: 0 everything needed is here, 3 something is missing."""
)
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Say what works on this machine and what to do about the rest, by trying it."""
    lines: list[tuple[Outcome, str, str]] = []

    def found(good: bool, what: str, remedy: str = "", *, needed: bool = True) -> None:
        bad = Outcome.FAILED if needed else Outcome.BLOCKED
        lines.append((Outcome.PASSED if good else bad, what, "" if good else remedy))

    version = platform.python_version()
    found(sys.version_info >= (3, 11), f"Python {version}", "install Python 3.11 or newer, then: make learn")
    system = platform.system()
    found(system in ("Linux", "Darwin"), f"{system} {platform.machine()}", "on Windows, use WSL2")
    installed = " ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    found(True, f"packages: {installed}")
    isolation, reason = try_isolation()
    bwrap = bubblewrap.find()
    found(
        isolation == "sandbox",
        f"sandbox: bubblewrap at {bwrap}, a network of its own" if isolation == "sandbox" else f"no sandbox: {reason}",
        _sandbox_remedy(system),
        needed=False,
    )
    found(bool(isolation), "programs can be started and judged", "reinstall: make learn")
    for result in try_walls().results if isolation == "sandbox" else ():
        held = result.outcome is Outcome.PASSED
        found(held, f"  {result.check.sentence}", f"  this wall is missing: {result.message}", needed=False)
    for provision in try_services(sources()):
        there = provision.tier != "missing"
        what = f"{provision.service}: {provision}" if there else f"no {provision.service}: {provision.note}"
        wanted = "only wanted by exercises that name it" + (f"; {provision.remedy}" if provision.remedy else "")
        found(there, what, wanted, needed=False)
    jupyter = (Path(sys.executable).parent / "jupyter-lab").exists()
    found(jupyter, "Jupyter" if jupyter else "no Jupyter", "only wanted for labs: make labs", needed=False)
    node = shutil.which("node")
    found(bool(node), f"node: {node}" if node else "no node", "only wanted for programs in JavaScript", needed=False)
    try:
        course = course_of(ctx)
        found(True, f"course: {len(course.ids())} exercises in {course.root}")
        writable = os.access(course.work if course.work.exists() else course.root, os.W_OK)
        found(writable, f"your work: {course.work}", "this folder is not yours to write")
        if writable:
            workspace.Progress(course).records()
    except GraderFault as error:
        found(False, error.what, error.next_step or "")
    paint = style()
    for outcome, what, remedy in lines:
        say(f"  {paint.symbol(outcome)} {what}")
        if remedy:
            say(paint.paint(f"      {remedy}", "dim"))
    missing = any(outcome is Outcome.FAILED for outcome, _, _ in lines)
    say(f"Next: {command_name()}" if not missing else "Something needed is missing; see above.")
    ctx.exit(3 if missing else 0)


@click.command(
    epilog="""\b
Examples:
  grader completion bash >> ~/.bashrc
  grader completion zsh  >> ~/.zshrc
  grader completion fish > ~/.config/fish/completions/grader.fish"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes your shell complete commands and exercise ids."""
    kind = get_completion_class(shell)
    assert kind
    click.echo(kind(ctx.find_root().command, {}, "grader", "_GRADER_COMPLETE").source())


def _sandbox_remedy(system: str) -> str:
    if system != "Linux":
        return "fine for your own code; to judge other people's, use Linux or WSL2"
    return (
        "fine for your own code; for the sandbox: apt install bubblewrap, and allow unprivileged user namespaces "
        "(on Ubuntu sysctl kernel.apparmor_restrict_unprivileged_userns=0, "
        "on Debian sysctl kernel.unprivileged_userns_clone=1)"
    )
