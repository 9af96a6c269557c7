"""Each wall of the sandbox, tried by a program that runs into it."""

from collections.abc import Callable
from typing import Any

import pytest

from grader.checker.plugin import CheckPlugin
from grader.sandbox import ProgramDied

Call = Callable[..., Any]
LEFT = "groundup-left-behind"


@pytest.mark.task(1)
def test_network(call: Call) -> None:
    """Programs reach nothing outside of the sandbox."""
    assert call("program:reach_out") == ["lo"]


@pytest.mark.task(1)
def test_files(call: Call) -> None:
    """Programs see neither the checks nor your files."""
    assert call("program:look_around", [__file__, "/etc/shadow", "/etc/hostname", "/var", "/home", "/sys"]) == []


@pytest.mark.task(1)
def test_judge(call: Call) -> None:
    """Programs cannot look into the process that starts them."""
    assert call("program:look_into_the_judge") == []


@pytest.mark.task(1)
def test_rights(call: Call) -> None:
    """Programs have no rights, and cannot get any."""
    assert call("program:rise") == []


@pytest.mark.task(1)
def test_processes(call: Call) -> None:
    """Programs cannot make more processes than their limit."""
    assert call("program:multiply", 48) <= 32


@pytest.mark.task(1)
def test_memory(call: Call) -> None:
    """Programs cannot use more memory than their limit, alone or together."""
    assert call("program:swell", 200) is False
    with pytest.raises(ProgramDied, match="MB of memory"):
        call("program:swell_together", 240, 4)
    assert call("program:hide_memory") is False


@pytest.mark.task(1)
@pytest.mark.fresh
def test_disk(call: Call) -> None:
    """Programs cannot write more than their disk holds."""
    assert call("program:fill", ["/app", "/tmp", "/dev/shm"], 400) <= 128  # noqa: S108 the sandbox's own


@pytest.mark.task(1)
@pytest.mark.fresh
def test_number_of_files(call: Call) -> None:
    """Programs cannot make more files than their disk holds."""
    assert call("program:litter", "/tmp", 25_000) <= 20_000  # noqa: S108 the sandbox's own


@pytest.mark.task(1)
def test_leftovers(call: Call, eventually: Call, _plugin: CheckPlugin) -> None:  # noqa: PT019 it is used
    """Nothing that a program leaves behind is there when the next one starts."""
    call("program:stay", LEFT)
    # It has a name only a moment after its parent has gone.
    assert eventually(lambda: call("program:find", LEFT)), "the child that was left behind"
    _plugin.world.reset()
    assert call("program:find", LEFT) is False
