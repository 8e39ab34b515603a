"""Layers are committed into a disk that has bitmaps: those record what the disk is given, and stay where they are."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    BitmapAt,
    CancelJob,
    ClearBitmap,
    CompleteJob,
    Crash,
    RemoveBitmap,
    ReopenReadOnly,
    Restart,
    StartCommit,
    Write,
)

SIZE = 4 * MIB
ENDS: dict[str, CompleteJob | CancelJob] = {
    "complete": CompleteJob("commit"),
    "cancel": CancelJob("commit"),
    "force": CancelJob("commit", force=True),
}


def _base(bench: Bench, read_only: bool = False) -> None:
    """Give a disk with a stored bitmap, a new one, one that is disabled and one that is transient."""
    bench.do(AddImage("source", SIZE))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Write(0, 64 * KIB, Positional(1)))
    bench.do(Restart())
    bench.do(AddBitmap("new", 4 * KIB, persistent=True), AddBitmap("off", persistent=True, disabled=True))
    bench.do(AddBitmap("transient", 512), Write(MIB, KIB, Positional(2)))
    if read_only:
        bench.do(ReopenReadOnly())


def _overlay(bench: Bench, node: str, backing: str, offset: int, *, size: int = SIZE, cluster: int = 0) -> None:
    """Lay an image over another, with bitmaps of its own; the guest writes to it in two places."""
    bench.do(AddImage(node, size, cluster=cluster, backing=backing))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True, node=node), AddBitmap("own", 8 * KIB, node=node))
    bench.do(Write(offset, 512, Positional(3), at=node), Write(offset + MIB, 100 * KIB, Positional(4), at=node))


def _active_commit(active: str) -> StartCommit:
    return StartCommit(active, "source", active, filter_node="filter")


def _shown(bench: Bench, *overlays: str) -> None:
    bench.observe(
        "b0", "new", "off", "transient", *(BitmapAt(node, name) for node in overlays for name in ("b0", "own"))
    )


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("read_only", [False, True], ids=["rw", "ro"])
@pytest.mark.known("KI-12", read_only="ro", end="force")
def test_active(bench: Bench, golden: SnapshotAssertion, read_only: bool, end: str) -> None:
    """The base's bitmaps record what the commit writes, however it ends; the overlay's keep theirs (B-97, B-60, X-15).

    A base that was read-only is so again after a cancel by force alone.
    """
    with bench.aside("a disk with bitmaps, an overlay with others"):
        _base(bench, read_only)
        _overlay(bench, "overlay", "source", 2 * MIB + 33 * KIB)
    late = [Write(MIB + 200 * KIB, KIB, Positional(5), at="filter")]
    bench.do(_active_commit("overlay"), *(late if end != "force" else ()), ENDS[end])
    _shown(bench, "overlay")
    bench.do(ClearBitmap("new"))  # refused if the base is read-only again
    bench.do(Restart())
    _shown(bench, "overlay")
    assert bench.finish("a commit of the active layer") == golden


@pytest.mark.parametrize("read_only", [False, True], ids=["rw", "ro"])
def test_intermediate(bench: Bench, golden: SnapshotAssertion, read_only: bool) -> None:
    """The base's bitmaps record it, and are stored again if the base was read-only; others keep their own (B-97)."""
    with bench.aside("a disk with bitmaps, two overlays with others"):
        _base(bench, read_only)
        _overlay(bench, "middle", "source", 2 * MIB + 33 * KIB)
        _overlay(bench, "top", "middle", 65 * KIB)
    bench.do(StartCommit("middle", "source", "top"))
    _shown(bench, "middle", "top")
    bench.do(ClearBitmap("new"))
    bench.do(Restart())
    _shown(bench, "middle", "top")
    assert bench.finish("a commit of a layer between") == golden


@pytest.mark.parametrize("cluster", [4 * KIB, 64 * KIB, 256 * KIB])
@pytest.mark.parametrize("layer", ["active", "between"])
def test_clusters(bench: Bench, layer: str, cluster: int) -> None:
    """Of the overlay's clusters, whole ones are recorded; an active commit also copies whole segments (B-97)."""
    _base(bench)
    _overlay(bench, "middle", "source", 3 * KIB + 512, cluster=cluster)
    if layer == "active":
        bench.do(_active_commit("middle"), ENDS["complete"])
    else:
        bench.do(AddImage("top", SIZE, backing="middle"))
        bench.do(StartCommit("middle", "source", "top"))
    bench.do(Restart())
    bench.finish("clusters of another size")


@pytest.mark.parametrize("layer", ["active", "between"])
def test_a_larger_overlay(bench: Bench, layer: str) -> None:
    """The base grows, and its bitmaps with it (B-97, B-65)."""
    _base(bench)
    _overlay(bench, "middle", "source", 3 * MIB + 900 * KIB, size=6 * MIB + 512)
    if layer == "active":
        bench.do(_active_commit("middle"), ENDS["complete"])
    else:
        bench.do(AddImage("top", 6 * MIB + 512, backing="middle"))
        bench.do(StartCommit("middle", "source", "top"))
    bench.do(Restart())
    bench.finish("a larger overlay")


def test_an_inconsistent_bitmap_is_in_the_way_of_growing(bench: Bench) -> None:
    """A larger overlay is committed only once it is removed; one of equal size is not kept from it (B-97, R-B6)."""
    _base(bench)
    bench.do(Crash())
    _overlay(bench, "overlay", "source", 2 * MIB - 512)
    bench.do(_active_commit("overlay"), ENDS["complete"])
    bench.observe()
    bench.do(AddImage("larger", 5 * MIB, backing="source"))
    bench.do(AddImage("top", 5 * MIB, backing="larger"))
    bench.do(StartCommit("larger", "source", "top"))
    bench.observe()
    bench.do(RemoveBitmap("b0"))
    bench.do(StartCommit("larger", "source", "top"))
    bench.do(Restart())
    bench.finish("an inconsistent bitmap below")
