"""How a bench starts, reopens and ends its QEMU, and in which order it asks what the model left open."""

from __future__ import annotations

import json

import pytest

from fixtures.bench import Bench, rest
from fixtures.bench.mismatch import Hung
from fixtures.driver.qemu.monitor import QmpError
from fixtures.model.state.flight import Flight
from fixtures.model.state.traffic import Traffic
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.requests import Stage
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Attempt,
    Boot,
    CheckImages,
    CloseImage,
    MoveToIothread,
    Quit,
    Release,
    ReleaseAll,
    StartMirror,
    Step,
    UnmapFreedMemory,
)
from suites.meta.fake_qemu import FakeQemu, bench, qemu

__all__ = ["bench", "qemu"]  # fixtures


def _opened(qemu: FakeQemu) -> dict[str, dict[str, object]]:
    """Return the nodes on the command line of the last QEMU."""
    words = next(word for word in qemu.started[-1] if isinstance(word, tuple) and "-blockdev" in word)
    return {one["node-name"]: one for one in map(json.loads, words[1::2])}


def test_the_next_qemu_opens_what_was_open(bench: Bench, qemu: FakeQemu, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed images stay closed, the others have their backing file, and some are read-only."""
    monkeypatch.setattr(type(bench.machine.files), "_template", lambda *_: _Template())
    bench.do(AddImage("base", MIB), AddImage("top", MIB, backing="base"), CloseImage("target"))
    bench.do(UnmapFreedMemory(), Quit(), Boot(("source",)))
    opened = _opened(qemu)
    assert {"source", "base", "top"} <= opened.keys()
    assert "target" not in opened
    assert opened["top"]["backing"] == "base"
    assert [name for name, one in opened.items() if one.get("read-only")] == ["source"]
    assert "GLIBC_TUNABLES" in qemu.started[-1][-1]
    assert len(bench.machine.wires) == 2


class _Template:
    def write(self, image: object, data_file: object) -> None:
        """Write no image: no test opens it."""


def test_nodes_wait_for_the_first_command(bench: Bench, qemu: FakeQemu) -> None:
    """What is opened before is on the command line, and is not opened again."""
    assert list(_opened(qemu)) == ["source", "target"]
    bench.do(AddImage("new", MIB, Format.RAW))
    assert qemu.asked == ["blockdev-add"]
    bench.do(Quit(), Boot())
    assert qemu.started[-1] is not qemu.started[0]


def test_each_qemu_is_given_an_iothread(bench: Bench, qemu: FakeQemu) -> None:
    """It is made once, and again in the next QEMU."""
    for _ in range(2):
        bench.do(MoveToIothread("source"), MoveToIothread("target"), Quit(), Boot())
    assert [name for name in qemu.asked if "iothread" in name or name == "object-add"] == [
        *("object-add", "x-blockdev-set-iothread", "x-blockdev-set-iothread")
    ] * 2


def test_what_is_closed_before_the_start(bench: Bench, qemu: FakeQemu) -> None:
    """It is not opened, and nothing else is left out."""
    bench.machine.forget()
    bench.do(AddImage("one", MIB, Format.RAW), AddImage("other", MIB, Format.RAW), CloseImage("one"))
    bench.observe()
    assert list(_opened(qemu)) == ["other"]


def test_a_story_ends_its_qemu(bench: Bench, qemu: FakeQemu) -> None:
    """Where the story did not."""
    bench.state.images.clear()
    bench.finish("the end")
    assert qemu.asked == ["a look", "quit"]
    assert not bench.is_running


def test_events_are_awaited(bench: Bench) -> None:
    """A job that emits nothing is hung."""
    with pytest.raises(Hung, match="created of job job"):
        bench.do(StartMirror("job", "target"))


def test_a_refused_attempt(bench: Bench, qemu: FakeQemu) -> None:
    """It is shown, and the story goes on."""
    qemu.answers["stop"] = QmpError("GenericError", "no")
    bench.do(Attempt("stop", {}))
    assert [str(line) for line in bench.transcript.lines[-2:]] == ["-> stop", "<- no"]


QUESTIONS: dict[str, tuple[Step, list[str]]] = {
    "command": (AddBitmap("b1", 64 * KIB), ["the question", "block-dirty-bitmap-add"]),
    "image": (CheckImages(), []),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_open_is_asked_first(bench: Bench, qemu: FakeQemu, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Before the next step changes it, but for steps that no QEMU does."""
    bench.world.apply(StartMirror("job", "target"))
    bench.state.open_question = job = bench.state.jobs["job"]

    def ask(*_: object) -> set[int]:
        qemu.asked.append("the question")
        return set()

    monkeypatch.setattr(rest, "left_dirty", ask)
    step, asked = QUESTIONS[name]
    bench.do(step)
    assert qemu.asked == asked
    assert bench.state.open_question is (None if asked else job)


def test_all_is_released_newest_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other; what waits is not held."""
    flights = [Flight(name, 0, 512, stage=Stage.SOURCE) for name in ("old", "new")]
    bench.state.traffic = traffic = Traffic(under_way=[*flights, Flight("waits", 0, 512)])
    released: list[str] = []

    class Releasing:
        """Releases, and does nothing else."""

        def do(self, step: Release) -> None:
            """Release."""
            released.append(step.name)
            traffic.under_way.remove(traffic.named(step.name))

    monkeypatch.setattr(bench, "_pressure", Releasing())
    bench.do(ReleaseAll())
    assert released == ["new", "old"]
