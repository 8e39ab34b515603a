"""A QEMU that answers as a test wants, and a bench that has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.bench import Bench, machine, rest
from fixtures.driver.qemu.exit import Exit
from fixtures.driver.qemu.monitor import DeadlinePassed
from fixtures.subject.subject import Subject
from fixtures.vocabulary.capabilities import REFERENCE
from fixtures.vocabulary.enums import Dialect, Format
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage


class FakeQemu:
    """A QEMU and its monitor. ``asked``: what it was asked, in order; ``answers``: by the name of what is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.started: list[tuple[Any, ...]] = []
        self.answers: dict[str, object] = {}
        self.fails: Exception | None = None
        self.ended = Exit(0, "")
        self.events: list[dict[str, Any]] = []
        self.wire: list[object] = []
        self.monitor = self
        self.is_running = True

    def start(self, *arguments: object, descriptors: Sequence[int] = ()) -> FakeQemu:
        """Run, again."""
        del descriptors
        self.started.append(arguments)
        self.is_running = True
        return self

    def command(self, name: str, arguments: Mapping[str, object] | None = None) -> object:
        """Answer a command."""
        del arguments
        self.asked.append(name)
        answer = self.fails or self.answers.get(name, {})
        if isinstance(answer, Exception):
            raise answer
        return answer

    def guest_io(self, block: str, command: str) -> object:
        """Answer a guest's request."""
        del block
        self.command(command.split(maxsplit=1)[0])
        return ""

    def guest_ios(self, requests: Sequence[tuple[str, str]]) -> object:
        """Answer several; what qemu-io prints is the answer to the first."""
        return self.command(requests[0][1].split(maxsplit=1)[0]) or ""

    def event_at_hand(self) -> dict[str, Any] | None:
        """Return the next event, if there is one."""
        return self.events.pop(0) if self.events else None

    def next_event(self, awaited: str) -> dict[str, Any]:
        """Return the next event."""
        if self.fails or not self.events:
            raise self.fails or DeadlinePassed(f"no {awaited}")
        return self.events.pop(0)

    def printed(self) -> str:
        """Return what was printed."""
        return ""

    def quit(self) -> Exit:
        """End."""
        return self._end("quit")

    def terminate(self) -> Exit:
        """End on SIGTERM."""
        return self._end("SIGTERM")

    def kill(self) -> Exit:
        """End at once."""
        return self._end("SIGKILL")

    def _end(self, how: str) -> Exit:
        self.asked.append(how)
        self.is_running = False
        return self.ended


@pytest.fixture
def qemu(monkeypatch: pytest.MonkeyPatch) -> FakeQemu:
    """Give the QEMU that the bench starts, again and again."""
    fake = FakeQemu()
    monkeypatch.setattr(machine, "Qemu", fake.start)
    monkeypatch.setattr(rest, "compare", lambda _state, process, _files: process.command("a look"))
    return fake


@pytest.fixture
def bench(qemu: FakeQemu, tmp_path: Path) -> Bench:
    """Give a bench with two disks and a bitmap."""
    subject = SimpleNamespace(
        dialect=Dialect.V3,
        qemu_img=None,
        binaries=SimpleNamespace(system=""),
        identity=SimpleNamespace(launch=None),
        capabilities=REFERENCE,
    )
    bench = Bench(cast("Subject", subject), tmp_path)
    for node in ("source", "target"):
        bench.do(AddImage(node, MIB, Format.RAW))
    bench.do(AddBitmap("b0", 64 * KIB))
    qemu.asked.clear()
    return bench
