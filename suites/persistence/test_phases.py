"""QEMU ends in every phase of a mirror; what the image then says of its persistent bitmaps is complete or void."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import product

import pytest

from fixtures.bench import Bench
from fixtures.bench.mismatch import expect
from fixtures.driver.qcow2.bitmaps import read_bitmaps
from fixtures.driver.qcow2.source import Memory
from fixtures.model.rules.power_loss import IN_USE, BitmapEntry, InFile, in_file
from fixtures.subject.subject import Subject
from fixtures.vocabulary.enums import Access
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Boot,
    CancelJob,
    CloseNode,
    CompleteJob,
    Crash,
    Flush,
    OpenNode,
    Quit,
    Restart,
    StartMirror,
    Write,
)
from suites.parameters.layouts import NEEDS, Layout

pytestmark = pytest.mark.feature

SIZE = 4 * MIB
OTHERS = [layout for layout in Layout if layout not in (Layout.PLAIN, Layout.VERSION_2)]
"""Layouts that can store bitmaps."""
ACCESSES = [access for access in Access if access is not Access.FD_SET]
"""How files can be opened that are read-only, too."""


class ProcessEnd(StrEnum):
    """How a QEMU ends."""

    QUIT = "quit"
    SIGTERM = "sigterm"
    SIGKILL = "sigkill"


def _before(bench: Bench) -> None:
    bench.do(Flush())


def _running(bench: Bench) -> None:
    bench.do(StartMirror("job", "target", bitmap="b0", speed=1))


def _ready(bench: Bench) -> None:
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.do(Write(3 * MIB, 100 * KIB, Positional(3), at="filter"), Flush())


def _pending(bench: Bench) -> None:
    bench.do(StartMirror("job", "target", bitmap="b0", auto_finalize=False), CompleteJob("job"))


def _completed(bench: Bench) -> None:
    bench.do(StartMirror("job", "target", bitmap="b0"), CompleteJob("job"))


def _cancelled(bench: Bench) -> None:
    bench.do(StartMirror("job", "target", bitmap="b0", speed=1), CancelJob("job", force=True))


PHASES: dict[str, Callable[[Bench], None]] = {
    "before": _before,
    "running": _running,
    "ready": _ready,
    "pending": _pending,
    "completed": _completed,
    "cancelled": _cancelled,
}


def _cases(endings: Sequence[ProcessEnd | None], phases: Sequence[str]) -> list[object]:
    """Return all combinations on a plain image, and each on another one that is opened in another way, both in turn.

    One with lazy reference counts is repaired when it is opened for writing after a SIGKILL: see suites/power_loss.
    """
    cases: list[object] = []
    for (a, phase), (b, ending), read_only in product(enumerate(phases), enumerate(endings), (False, True)):
        other = OTHERS[(a + b + read_only) % len(OTHERS)]
        is_repaired = other is Layout.LAZY and ending is ProcessEnd.SIGKILL and not read_only
        images = [(Layout.PLAIN, Access.DEFAULT), (other, ACCESSES[(a // 2 + b) % len(ACCESSES)])]
        for layout, access in images[:1] if is_repaired else images:
            name = "-".join([phase, *([ending] if ending else []), "ro" if read_only else "rw", layout])
            marks = [pytest.mark.needs(*NEEDS[access])] if access in NEEDS else []
            cases.append(pytest.param(phase, ending, read_only, layout, access, id=name, marks=marks))
    return cases


def _disk(bench: Bench, layout: Layout, access: Access) -> None:
    """Give a disk with a working bitmap and a bystander, both loaded from the file, and a bitmap that is new."""
    bench.do(AddImage("source", SIZE, access=access, features=layout.features))
    bench.do(AddImage("target", SIZE, access=access))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), AddBitmap("bystander", persistent=True))
    bench.do(Write(0, 300 * KIB, Positional(1)))
    bench.do(Restart())
    bench.do(AddBitmap("new", 8 * KIB, persistent=True, disabled=True))
    bench.do(Write(MIB, 200 * KIB, Positional(2)), Write(SIZE - KIB, KIB, Positional(4)), Flush())


def _ro(read_only: bool) -> tuple[str, ...]:
    return ("source",) if read_only else ()


def _end(bench: Bench, ending: ProcessEnd, read_only: bool) -> None:
    if ending is ProcessEnd.SIGKILL:
        bench.do(Crash(flush=False, read_only=_ro(read_only)))
        return
    bench.do(Quit(sigterm=ending is ProcessEnd.SIGTERM))
    bench.do(Boot(read_only=_ro(read_only)))


def _compare_file(bench: Bench, subject: Subject, is_open: bool) -> None:
    """Compare what the file says of bitmaps, to our reader and to qemu-img, with what the model says that it must."""
    image = bench.machine.files.path("source")
    promised = {name: in_file(bitmap, is_open) for name, bitmap in bench.state.bitmaps_on("source").items()}
    promised = {name: one for name, one in promised.items() if one.entry is not BitmapEntry.ABSENT}
    stored = read_bitmaps(Memory(image.read_bytes()))
    found = {
        name: IN_USE if one.in_use else InFile(BitmapEntry.CLEAN, one.granularity, one.auto, one.dirty)
        for name, one in stored.items()
    }
    expect("bitmaps in the file", promised, found)
    flags = {
        name: {flag for flag, is_set in (("in-use", one.in_use), ("auto", one.auto)) if is_set}
        for name, one in stored.items()
    }
    listed = {one["name"]: set(one["flags"]) for one in subject.qemu_img.info(image).bitmaps}
    expect("bitmaps that qemu-img lists", flags, listed)


@pytest.mark.possible("KI-19", layout="lazy-refcounts")
@pytest.mark.parametrize(("phase", "ending", "read_only", "layout", "access"), _cases(list(ProcessEnd), list(PHASES)))
def test_next_process(  # noqa: PLR0917 - pytest passes by name
    bench: Bench, subject: Subject, phase: str, ending: ProcessEnd, read_only: bool, layout: Layout, access: Access
) -> None:
    """After quit and SIGTERM bitmaps are complete, after SIGKILL inconsistent or gone (B-60 to B-63, M-49).

    After the end of a READY mirror an NBD client sees the same (B-83, R-B20).
    """
    _disk(bench, layout, access)
    PHASES[phase](bench)
    _end(bench, ending, read_only)
    _compare_file(bench, subject, is_open=not read_only)
    if phase == "ready":
        bench.observe_as_client()
    bench.do(Quit())
    _compare_file(bench, subject, is_open=False)
    bench.finish("an end in the middle of it all")


@pytest.mark.parametrize(
    ("phase", "_", "read_only", "layout", "access"), _cases([None], ["before", "completed", "cancelled"])
)
def test_same_process(  # noqa: PLR0917 - pytest passes by name
    bench: Bench, subject: Subject, phase: str, _: None, read_only: bool, layout: Layout, access: Access
) -> None:
    """blockdev-del stores the bitmaps and blockdev-add loads them, just as two processes do (B-60, R-B14)."""
    _disk(bench, layout, access)
    PHASES[phase](bench)
    bench.do(CloseNode())
    _compare_file(bench, subject, is_open=False)
    bench.do(OpenNode(read_only=read_only))
    _compare_file(bench, subject, is_open=not read_only)
    bench.finish("a node closed and opened again")
