"""The command line: arguments, wiring, exit codes. The only package that prints or exits.

Commands are imported when they are called, so that ``grader --help`` costs no more than
click itself.
"""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.errors import GraderFault

# Name → (module:function, what the list of commands says).
_COMMANDS = {
    "learn": ("grader.cli.learn:learn", "Start the next exercise and check it."),
    "start": ("grader.cli.learn:start", "Copy an exercise's starter into work/."),
    "check": ("grader.cli.judge:check", "Judge your program."),
    "watch": ("grader.cli.judge:watch", "Judge your program on every save."),
    "show": ("grader.cli.learn:show", "Read an exercise's page."),
    "hint": ("grader.cli.learn:hint", "Read the next hint for a task."),
    "list": ("grader.cli.learn:list_exercises", "Every exercise, and how far you are."),
    "solution": ("grader.cli.learn:solution", "Read the authors' solution, when it is time."),
    "reset": ("grader.cli.learn:reset", "Begin an exercise again; keeps what it replaces."),
    "run": ("grader.cli.play:run", "Run your program, to play with it."),
    "lab": ("grader.cli.labs:lab", "Open a lab, a notebook, in Jupyter."),
    "doctor": ("grader.cli.machine:doctor", "Say what works on this machine, by trying it."),
    "completion": ("grader.cli.machine:completion", "Print shell completion to install."),
    "class": ("grader.cli.classes:classes", "For instructors: grade a whole class."),
    "coverage": ("grader.cli.author:coverage", "For authors: which topics are taught, and which not yet."),
    "new": ("grader.cli.author:new", "For authors: write the files of a new exercise, ready to fill."),
    "labs": ("grader.cli.labs:labs", "For authors and instructors: build notebooks, make a course for nbgrader."),
    "verify": ("grader.cli.author:verify", "For authors: prove that exercises are sound."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads one when it is called.

    ``table`` maps a name to where the command is, ``module:function``, and what the list says of it.
    """

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order a person meets them."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        if cmd_name not in self._table:
            return None
        module, _, name = self._table[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for a mistyped one."""
        if args and args[0] not in self._table and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self._table, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: importing every command would cost half a second."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in self._table.items()])


@click.group(
    cls=LazyGroup,
    table=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Every command has --help with examples. Without a command: where you are, and what is next.",
)
@click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="GROUNDUP_COURSE",
    help="The course's folder, if you are not inside it.",
)
@click.version_option(__version__, prog_name="grader")
@click.pass_context
def cli(ctx: click.Context, course: Path | None) -> None:
    """Learn backend development by building it: every exercise is judged by running your program."""
    ctx.obj = course
    if ctx.invoked_subcommand is None:
        from grader.cli.learn import where_you_are

        ctx.invoke(where_you_are)


def main() -> None:
    """The entry point: runs a command, words every failure, and never shows our traceback."""
    if sys.platform == "win32":
        click.echo("Groundup runs on Linux, macOS and, on Windows, inside WSL2.", err=True)
        click.echo("Next: install WSL2 (wsl --install), open it, and clone the course there.", err=True)
        sys.exit(2)
    # Being asked to end is treated as Ctrl-C: what was started is stopped and tidied.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.argv[1:2] == ["check"] and not {"-h", "--help"} & set(sys.argv):
        # The one command that is waited for: its judge starts while we read our own modules.
        from grader.checker.process import start_ahead

        start_ahead()
    try:
        code = cli.main(prog_name="grader", standalone_mode=False)
    except GraderFault as error:
        from grader.cli.terminal import complain

        complain(error)
        code = error.exit_code
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped. Nothing is left running.", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except BrokenPipeError:
        # The reader went away (grader list | head); there is nobody left to tell.
        sys.stderr.close()
        code = 0
    except Exception as error:  # noqa: BLE001 the last line before a traceback is shown
        from grader.cli.terminal import apologise

        apologise(error)
        code = 3
    sys.exit(code if isinstance(code, int) else 0)
