"""The speed limit of a job, while commands interrupt it again and again."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Attempt,
    CompleteJob,
    Hurry,
    SetSpeed,
    StartMirror,
    Transaction,
    Write,
)

OVER = {"driver": "raw", "node-name": "over", "file": "other"}
DISTURBANCES = {
    "pause": (Attempt("job-pause", {"id": "job"}), Attempt("job-resume", {"id": "job"})),
    "same-speed": (Attempt("block-job-set-speed", {"device": "job", "speed": MIB}),),
    "drain": (Attempt("blockdev-add", OVER), Attempt("blockdev-del", {"node-name": "over"})),
}


@pytest.mark.possible("KI-25")
@pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.dialects("v2", "v3"))])
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_not_outrun(bench: Bench, disturbance: str, copy_mode: CopyMode, bitmap: str | None) -> None:
    """Whatever pauses or drains a mirror, it copies no faster than it may (M-21, M-53)."""
    bench.do(AddImage("source", 8 * MIB), AddImage("target", 8 * MIB), AddImage("other", MIB, Format.FILE))
    bench.do(AddBitmap("b0", 64 * KIB), Write(0, 8 * MIB, Fill(1)))
    size = {"buf-size": 64 * KIB} | ({"bitmap": bitmap} if bitmap else {"granularity": 64 * KIB})
    ends = {"job-id": "job", "device": "source", "target": "target", "sync": "full", "copy-mode": str(copy_mode)}
    bench.do(Attempt("blockdev-mirror", {**ends, **size, "speed": MIB}))
    bench.do(Hurry("job", MIB, DISTURBANCES[disturbance], 30))
    bench.survive()


@pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.feature)])
@pytest.mark.parametrize("speed", [1, None], ids=["running", "ready"])
def test_drained(bench: Bench, speed: int | None, bitmap: str | None) -> None:
    """A drain of all nodes, as each transaction begins with one, does not end a mirror that has work left, nor one that
    waits: it goes on to the end that it is told (M-131)."""
    bench.do(
        AddImage("source", 8 * MIB), AddImage("target", 8 * MIB), AddImage("other", MIB), AddBitmap("b0", 64 * KIB)
    )
    mirror = StartMirror("job", "target", bitmap=bitmap, speed=speed, buf_size=64 * KIB, auto_dismiss=False)
    bench.do(Write(0, 8 * MIB, Positional(1)), mirror)
    for number in range(5):
        bench.do(Transaction((AddBitmap(f"new{number}", 64 * KIB, node="other"),)))
        bench.observe()
    bench.do(*([SetSpeed("job", 0)] if speed else []), Write(MIB, 512, Fill(2), at="filter"), CompleteJob("job"))
    bench.read_through("target")
    bench.observe("b0")
    bench.finish("all is drained while a mirror runs")
