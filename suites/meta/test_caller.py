"""The process that calls programs: what it answers, and what becomes of one that does not end or is killed itself."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from fixtures.driver.images.caller import CallFailed, Done, call


def _shell(script: str, ok: tuple[int, ...] = (0,), deadline: float = 30) -> Done:
    return call(["/bin/sh", "-c", script], ok, deadline=deadline)


def _is_dead(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_program_that_ends() -> None:
    """Both outputs and the status come back; a status that is not expected, and a signal, are named."""
    assert _shell("printf 'one\\0\\377'; echo two >&2; exit 3", (0, 3)) == Done(3, "one\0\ufffd", "two\n")
    assert _shell("exit 3") == Done(3, "", "", "ErrorReturnCode_3")
    assert _shell("ulimit -c 0; kill -ABRT $$") == Done(-6, "", "", "SignalException_SIGABRT")


def test_a_program_that_does_not_end(tmp_path: Path) -> None:
    """It is killed at its deadline, and the next one is called as if nothing had been."""
    with pytest.raises(CallFailed, match=r"^/bin/sh: no end within 0\.2 s$"):
        _shell(f"echo $$ > {tmp_path}/pid; exec sleep 60", deadline=0.2)
    assert _is_dead(int((tmp_path / "pid").read_text()))
    assert _shell("echo next").stdout == "next\n"


def test_the_caller_is_killed() -> None:
    """Who calls is told so, and the next call is answered by another process."""
    first = int(_shell("echo $PPID").stdout)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(CallFailed, match="the process that calls it has ended"):
        _shell("true")
    assert int(_shell("echo $PPID").stdout) != first


def test_a_call_is_interrupted() -> None:
    """What would have been answered is not taken for the answer to the next call."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            _shell("sleep 1; echo late")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert _shell("echo next").stdout == "next\n"
