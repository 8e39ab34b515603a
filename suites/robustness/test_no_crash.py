"""Inputs that must not crash QEMU, whatever it answers: a refusal is as good as a success."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from _pytest.mark import ParameterSet

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import GIB, KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, Attempt, AwaitReadyOrGone, StartMirror, Write

feature = pytest.mark.feature
Command = tuple[str, dict[str, object]]


def _reopen_read_only(bench: Bench) -> Command:
    return "blockdev-reopen", {"options": [bench.machine.files.node("source").read_only()]}


def _inactivate(bench: Bench) -> Command:
    del bench
    return "blockdev-set-active", {"active": False}


def _remove(bench: Bench) -> Command:
    del bench
    return "block-dirty-bitmap-remove", {"node": "source", "name": "b0"}


def _shrink(bench: Bench) -> Command:
    del bench
    return "block_resize", {"node-name": "source", "size": MIB}


def _delete(bench: Bench) -> Command:
    del bench
    return "blockdev-del", {"node-name": "source"}


def _snapshot(bench: Bench) -> Command:
    bench.do(AddImage("overlay"))
    return "blockdev-snapshot", {"node": "source", "overlay": "overlay"}


HOSTILE: dict[str, Callable[[Bench], Command]] = {
    "reopen-read-only": _reopen_read_only,
    "inactivate": _inactivate,
    "remove-bitmap": _remove,
    "shrink-source": _shrink,
    "delete-source": _delete,
    "snapshot": _snapshot,
}


def _situations() -> list[ParameterSet]:
    new = pytest.mark.needs("blockdev-set-active")
    known = pytest.mark.known("KI-01")
    kept_read_only = pytest.mark.known("KI-03", bitmap="bitmap")
    marks = {
        ("inactivate", False): [new],
        ("inactivate", True): [new, known],
        ("reopen-read-only", True): [kept_read_only],
    }
    return [
        pytest.param(
            hostile, held, id=f"{hostile}-{'running' if held else 'ready'}", marks=marks.get((hostile, held), [])
        )
        for hostile in HOSTILE
        for held in (False, True)
    ]


@pytest.mark.parametrize("bitmap", [pytest.param(None, id="whole"), pytest.param("b0", id="bitmap", marks=feature)])
@pytest.mark.parametrize(("hostile", "held"), _situations())
def test_during_the_job(bench: Bench, hostile: str, held: bool, bitmap: str | None) -> None:
    """Nothing that a monitor can do to the source of a running mirror ends QEMU (X-04, M-109, M-110, B-40)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Write(0, 20 * MIB, Fill(0x11)))
    command, arguments = HOSTILE[hostile](bench)
    bench.do(StartMirror("job", "target", bitmap=bitmap, speed=1 if held else None))
    bench.do(Attempt(command, arguments))
    if held:
        bench.do(AwaitReadyOrGone("job"))
    bench.do(Attempt("block-job-cancel", {"device": "job", "force": True}))
    bench.survive()


@feature
@pytest.mark.parametrize("granularity", [128 * MIB, GIB, 2 * GIB], ids=["128M", "1G", "2G"])
def test_large_granularity(bench: Bench, granularity: int) -> None:
    """A bitmap may have segments larger than a mirror's own may be; the mirror works or is refused (X-07)."""
    bench.do(AddImage("source", 5 * GIB))
    bench.do(AddImage("target", 5 * GIB))
    bench.do(AddBitmap("b0", granularity), Write(0, 512, Fill(0x11)))
    mirror = {"job-id": "job", "device": "source", "target": "target", "sync": "full", "bitmap": "b0"}
    bench.do(Attempt("blockdev-mirror", mirror))
    bench.survive()


@feature
def test_empty_image(bench: Bench) -> None:
    """A disk without a byte has a bitmap without a segment; its mirror is READY at once (M-16)."""
    bench.do(AddImage("source", 0))
    bench.do(AddImage("target", 0))
    bench.do(Attempt("block-dirty-bitmap-add", {"node": "source", "name": "b0"}))
    mirror = {"job-id": "job", "device": "source", "target": "target", "sync": "full", "bitmap": "b0"}
    bench.do(Attempt("blockdev-mirror", mirror))
    bench.survive()
