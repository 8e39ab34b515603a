"""The bench with a QEMU that answers as each test wants: what it notices, when it looks, what it says."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.bench.mismatch import STORY, Hung, Mismatch
from fixtures.driver.qemu.exit import Exit
from fixtures.driver.qemu.monitor import DeadlinePassed, QemuGone, QmpError
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddFilter,
    AddImage,
    AddQuorum,
    Attempt,
    AwaitReadyOrGone,
    Boot,
    CloseImage,
    CloseNode,
    ConnectGuest,
    CopyOutOfBand,
    Crash,
    Deactivate,
    ExportBitmap,
    FailingWrite,
    Flush,
    HaltRead,
    Inject,
    OpenNode,
    PauseJob,
    Quit,
    RemoveBitmap,
    ReopenReadOnly,
    ReopenReadWrite,
    Resize,
    Restart,
    StartMirror,
    Step,
    Transaction,
    Write,
)
from suites.meta.fake_qemu import FakeQemu, bench, qemu

__all__ = ["bench", "qemu"]  # fixtures
LATE = Write(0, 512, Fill(1))


TAKEN: dict[str, Step] = {
    "blockdev-mirror": StartMirror("job", "target"),
    "block-dirty-bitmap-add": AddBitmap("b1", 64 * KIB),
    "transaction": Transaction((AddBitmap("b1", 64 * KIB),)),
    "block-export-add": ExportBitmap("b0"),
    "block_resize": Resize(2 * MIB),
}
REFUSED: list[Step] = [
    StartMirror("job", "target", bitmap="none"),
    PauseJob("none"),
    RemoveBitmap("none"),
    Transaction((RemoveBitmap("none"),)),
    ExportBitmap("none"),
]


@pytest.mark.parametrize("command", TAKEN)
def test_an_unpredicted_refusal(bench: Bench, qemu: FakeQemu, command: str) -> None:
    """What QEMU refuses although the model takes it is a mismatch, and so stands in the story."""
    qemu.answers[command] = QmpError("GenericError", "no")
    with pytest.raises(Mismatch, match=r"refusal\n  expected: None\n  observed: no\n  at: "):
        bench.do(TAKEN[command])
    assert str(bench.transcript.lines[-1]) == "<- no"


@pytest.mark.parametrize("step", REFUSED, ids=lambda step: type(step).__name__)
@pytest.mark.parametrize("answer", [{}, QmpError("GenericError", "another text")], ids=["taken", "other-text"])
def test_a_missing_refusal(bench: Bench, qemu: FakeQemu, step: Step, answer: object) -> None:
    """What QEMU takes although the model refuses it is a mismatch, and so is a refusal with another text."""
    qemu.answers |= dict.fromkeys([*TAKEN, "job-pause", "block-dirty-bitmap-remove"], answer)
    with pytest.raises(Mismatch, match=r"^refusal\n"):
        bench.do(step)


STEPS: list[Step] = [
    AddBitmap("b1", 64 * KIB),
    AddFilter("over", "source"),
    AddImage("new", MIB, Format.RAW),
    AddQuorum("quorum", ("source", "target")),
    Attempt("stop", {}),
    AwaitReadyOrGone("job"),
    CloseImage("target"),
    ConnectGuest(),
    CopyOutOfBand("new"),
    Crash(),
    Deactivate("target"),
    ExportBitmap("b0"),
    FailingWrite(LATE),
    Flush(),
    HaltRead(),
    Inject(Fault(Place.READ)),
    Quit(),
    ReopenReadOnly(),
    ReopenReadWrite(),
    StartMirror("job", "target"),
    LATE,
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_qemu_dies_or_hangs_in_a_step(bench: Bench, qemu: FakeQemu, step: Step) -> None:
    """Either is reported once, with the step and the story so far; what comes too late is reported apart."""
    qemu.ended = Exit(-6, "qemu-system: Assertion failed")
    for qemu.fails, what, kind in (
        (QemuGone("gone"), "QEMU crashed or quit: exit with signal 6, stderr: qemu-system: Assertion failed", Mismatch),
        (DeadlinePassed("too late"), "too late", Hung),
    ):
        with pytest.raises(Mismatch) as raised:
            bench.do(step)
        text = str(raised.value)
        assert (type(raised.value), text.count(STORY)) == (kind, 1)
        assert text.startswith(what)
        assert "\n  at: observing\n" in text or f"\n  at: {type(step).__name__}(" in text


LOOKS: dict[str, tuple[list[Step], list[str]]] = {
    "quit": ([Quit()], ["a look", "quit"]),
    "sigterm": ([Quit(sigterm=True)], ["a look", "SIGTERM"]),
    "boot": ([Quit(), Boot()], ["a look", "quit", "a look"]),
    "restart": ([Restart()], ["a look", "quit", "a look"]),
    "crash": ([Crash()], ["a look", "flush", "SIGKILL", "a look"]),
    "crash-without-flush": ([Crash(flush=False)], ["a look", "SIGKILL", "a look"]),
    "close": ([CloseNode(), OpenNode()], ["a look", "blockdev-del", "blockdev-add", "a look"]),
}


@pytest.mark.parametrize("name", LOOKS)
def test_looks(bench: Bench, qemu: FakeQemu, name: str) -> None:
    """All is compared before an end and after an opening."""
    steps, asked = LOOKS[name]
    bench.do(*steps)
    assert qemu.asked == asked


ENDS: dict[str, tuple[Quit, Exit, type[Mismatch] | None]] = {
    "status": (Quit(), Exit(1, ""), Mismatch),
    "killed": (Quit(), Exit(-9, "", killed=True), Hung),
    "words": (Quit(), Exit(0, "qemu-system-x86_64: a word"), Mismatch),
    "other-words": (Quit(complaints=("a word",)), Exit(0, "qemu-system-x86_64: another"), Mismatch),
    "no-words": (Quit(complaints=("a word",)), Exit(0, ""), Mismatch),
    "as-predicted": (Quit(complaints=("a word",)), Exit(0, "qemu-system-x86_64: a word"), None),
}


@pytest.mark.parametrize("name", ENDS)
def test_ends(bench: Bench, qemu: FakeQemu, name: str) -> None:
    """QEMU ends by itself, with status 0 and no complaint but those predicted."""
    step, qemu.ended, kind = ENDS[name]
    if kind is None:
        bench.do(step)
        return
    with pytest.raises(Mismatch) as raised:
        bench.do(step)
    assert type(raised.value) is kind


def test_an_event_that_is_left_over(bench: Bench, qemu: FakeQemu) -> None:
    """What a job emits and no step predicted shows when QEMU quits."""
    qemu.events = [{"event": "JOB_STATUS_CHANGE", "data": {"id": "job", "status": "created"}}]
    with pytest.raises(Mismatch, match="events of job job up to the exit"):
        bench.do(Quit())


def test_a_guests_write_that_fails(bench: Bench, qemu: FakeQemu) -> None:
    """A guest's write may fail only where the story says so, and must fail there with EIO."""
    qemu.answers["write"] = "write failed: Input/output error\n"
    bench.do(FailingWrite(LATE))
    assert str(bench.transcript.lines[-1]) == "<- write failed: Input/output error"
    with pytest.raises(Mismatch, match="errors of the guest's writes"):
        bench.do(LATE)
    qemu.answers["write"] = ""
    with pytest.raises(Mismatch, match="reply to the guest"):
        bench.do(FailingWrite(LATE))


def test_waiting_needs_an_unlimited_job(bench: Bench, qemu: FakeQemu) -> None:
    """A job whose limit cannot be lifted is not awaited."""
    qemu.answers["block-job-set-speed"] = QmpError("DeviceNotActive", "no such job")
    with pytest.raises(Mismatch, match="no such job"):
        bench.do(AwaitReadyOrGone("job"))
