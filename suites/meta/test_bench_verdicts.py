"""Whatever a bench looks at besides replies and events fails a story: contents, metadata, progress, qemu-img, sync."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.bench import Bench, guests, verification
from fixtures.bench.mismatch import Mismatch
from fixtures.driver.images.results import ImageCorrupt
from fixtures.driver.qemu import job_progress
from fixtures.driver.qemu.exit import Exit
from fixtures.model.state.traffic import Traffic
from fixtures.vocabulary.capabilities import Capabilities
from fixtures.vocabulary.enums import CopyMode, MirrorCommand
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddImage,
    AwaitReplies,
    AwaitSynced,
    CheckImages,
    Compare,
    CompareRebased,
    Examine,
    ExpectImage,
    Flood,
    StartMirror,
    Step,
    Write,
)
from suites.meta.fake_qemu import FakeQemu, bench, qemu

__all__ = ["bench", "qemu"]  # fixtures
LATE = Write(0, 512, Fill(1))


@pytest.fixture
def sound(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Give a bench that finds nothing wrong, but for what a test changes."""
    monkeypatch.setattr(job_progress, "problem", lambda *_: None)
    monkeypatch.setattr(verification, "difference", lambda *_: None)
    monkeypatch.setattr(verification, "metadata_problem", lambda *_: None)
    return bench


def test_a_sound_story(sound: Bench) -> None:
    """A story in which nothing is wrong is finished, once it was ended."""
    assert not sound.finished
    sound.finish("all is well")
    assert sound.finished


ENDINGS = [
    (job_progress, "problem", "progress of a job"),
    (verification, "difference", "first difference in source"),
    (verification, "metadata_problem", "metadata of source"),
]


@pytest.mark.parametrize(("module", "name", "what"), ENDINGS)
def test_the_end_looks_at_all(
    sound: Bench, monkeypatch: pytest.MonkeyPatch, module: object, name: str, what: str
) -> None:
    """Progress, contents and metadata are looked at, and what is wrong does not finish the story."""
    sound.machine.wires.append([])
    monkeypatch.setattr(module, name, lambda *_: "wrong")
    with pytest.raises(Mismatch, match=what):
        sound.finish("it is not")
    assert not sound.finished


def test_a_live_image(sound: Bench, qemu: FakeQemu, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compared once it was flushed, its format before its file."""
    sound.verify("source")
    assert qemu.asked == ["flush", "flush"]
    monkeypatch.setattr(verification, "difference", lambda *_: "wrong")
    with pytest.raises(Mismatch, match="first difference in source"):
        sound.verify("source")


@pytest.mark.parametrize("status", [1, -6])
def test_no_survival(bench: Bench, qemu: FakeQemu, status: int) -> None:
    """A QEMU that ends otherwise than with status 0 has not survived."""
    qemu.ended = Exit(status, "")
    with pytest.raises(Mismatch, match="did not end as it should"):
        bench.survive()
    assert not bench.finished


def _examined(**changes: object) -> tuple[object, list[tuple[int, int]]]:
    found: dict[str, object] = {"corrupt": None, "difference": None, "extents": []}
    return SimpleNamespace(**(found | changes)), []


def _corrupt(*_: object) -> None:
    raise ImageCorrupt("corrupt")


TOOLS: dict[str, tuple[Step, dict[str, object], str]] = {
    "compare": (Compare("source", "target"), {"compare": lambda *_: 512}, "first difference of source and target"),
    "rebased": (
        CompareRebased((("target", "source", "source"),)),
        {"compare_rebased": lambda _: [512]},
        "first difference of target and source",
    ),
    "check": (CheckImages(), {"check": _corrupt}, "corrupt"),
    "damage": (Examine("source", "target"), {"examine": lambda *_: _examined(corrupt="badly")}, "damage"),
    "difference": (
        Examine("source", "target"),
        {"examine": lambda *_: _examined(difference=SimpleNamespace(offset=512))},
        "first difference of source and target",
    ),
    "map": (
        Examine("source", "qcow2"),
        {"examine": lambda *_: _examined(extents=[SimpleNamespace(start=0, length=512, present=True, depth=0)])},
        "ranges that qemu-img map finds in qcow2",
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_qemu_img_finds_something_else(bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What qemu-img finds is what the model, or our reader, says."""
    step, answers, what = TOOLS[name]
    bench.world.apply(AddImage("qcow2", MIB))
    for method, answer in answers.items():
        monkeypatch.setattr(bench.machine.files, method, answer)
    with pytest.raises(Mismatch, match=what):
        bench.do(step)


def _never_synced(bench: Bench, qemu: FakeQemu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "DEADLINE", 0)
    capabilities = Capabilities(frozenset({"query-block-jobs:actively-synced"}))
    subject = SimpleNamespace(capabilities=capabilities)
    monkeypatch.setattr(bench.machine, "subject", subject)
    qemu.answers["query-block-jobs"] = [{"actively-synced": False}]


def test_a_job_that_is_never_synced(bench: Bench, qemu: FakeQemu, monkeypatch: pytest.MonkeyPatch) -> None:
    """A READY job must be in sync in the end."""
    _never_synced(bench, qemu, monkeypatch)
    bench.world.apply(StartMirror("job", "target", copy_mode=CopyMode.WRITE_BLOCKING))
    with pytest.raises(Mismatch, match="actively-synced"):
        bench.do(AwaitSynced("job"))


@pytest.mark.parametrize("synced", [True, False])
def test_sync_is_compared(bench: Bench, qemu: FakeQemu, monkeypatch: pytest.MonkeyPatch, synced: bool) -> None:
    """Both ways, and shown."""
    _never_synced(bench, qemu, monkeypatch)
    bench.state.traffic = traffic = Traffic(synced=synced)
    if synced:
        with pytest.raises(Mismatch, match="actively-synced"):
            bench.observe_synced()
    else:
        bench.observe_synced()
        assert str(bench.transcript.lines[-1]) == "== actively-synced: false"
    assert traffic.synced is synced


@pytest.mark.parametrize("wait", [AwaitReplies(), Flood((LATE,))], ids=["replies", "flood"])
def test_a_request_of_a_flood_fails(bench: Bench, monkeypatch: pytest.MonkeyPatch, wait: Step) -> None:
    """None may fail, whenever that is heard."""
    client: Any = SimpleNamespace(results={1: 5}, issue=lambda *_: 1)
    bench.guests.client = client

    def look(holds: Callable[[], bool], _: str) -> None:
        holds()

    monkeypatch.setattr(bench.machine.qemu, "wait_until", look, raising=False)
    bench.do(Flood((LATE,)))
    with pytest.raises(Mismatch, match="what the guest hears of Write"):
        bench.do(wait)


@pytest.mark.parametrize(("target", "command"), [("target", MirrorCommand.BLOCKDEV), ("new", MirrorCommand.DRIVE)])
def test_a_refused_start_that_writes_to_its_target_is_found(
    sound: Bench, monkeypatch: pytest.MonkeyPatch, target: str, command: MirrorCommand
) -> None:
    """A mirror that is refused has not written to its target, or created it (X-08, X-13)."""
    refused = StartMirror("job", target, sync=None, command=command)
    sound.do(ExpectImage("new", MIB))
    monkeypatch.setitem(sound.handlers, StartMirror, lambda _: "Parameter 'sync' is missing")
    sound.do(refused)
    monkeypatch.setitem(sound.handlers, StartMirror, lambda _: _write_and_refuse(sound, target))
    with pytest.raises(Mismatch, match="files that a refused start wrote to"):
        sound.do(refused)


def _write_and_refuse(bench: Bench, target: str) -> str:
    with bench.machine.files.path(target).open("ab") as file:
        file.write(b"Q")
    return "Parameter 'sync' is missing"
