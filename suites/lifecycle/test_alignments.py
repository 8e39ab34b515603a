"""Data, zeroes and holes that meet anywhere: at borders of the source's clusters, of segments, of the target's
clusters, or inside all of them; and what fills the rest of a cluster that a mirror copies in part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Discard, SyncMode
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, CompleteJob, IoKind, StartMirror, Write
from suites.lifecycle.alignments import AlignmentCase, Copied, Kind, Moment, cases, quick_cases

SIZE = 4 * MIB + 512
QUICK = frozenset(quick_cases())


def _marks(case: AlignmentCase) -> list[pytest.MarkDecorator]:
    where = [pytest.mark.dialects(*case.dialects), *([pytest.mark.feature] if case.copied.uses_bitmap else [])]
    return where if case in QUICK else [*where, pytest.mark.thorough]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=_marks(case)) for case in cases()])
def test_a_piece(bench: Bench, case: AlignmentCase) -> None:
    """The target holds what was dirty as the source has it, and beside that nothing but the rest of clusters, which its
    backing file fills (M-11, M-83, M-89, M-121, M-136, B-21)."""
    _disks(bench, case)
    bench.do(*([AddBitmap("b0", case.segment)] if case.copied is not Copied.PIECE else []), *_around(case))
    bench.do(*([AddBitmap("b0", case.segment)] if case.copied is Copied.PIECE else []))
    piece = _piece(case)
    bench.do(*(piece if case.moment is Moment.BEFORE else []), _mirror(case))
    bench.do(*(replace(one, at="filter") for one in piece if case.moment is Moment.READY))
    bench.observe("b0")
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    bench.finish(str(case))


def _disks(bench: Bench, case: AlignmentCase) -> None:
    """Open both disks, and below them images full of data."""
    base, below = "base" if case.base else None, "below" if case.below else None
    for tag, node in enumerate((base, below), 1):
        if node:
            bench.do(AddImage(node, SIZE), Write(0, SIZE, Positional(tag), at=node))
    bench.do(AddImage("source", SIZE, cluster=case.source_cluster, backing=base, discard=Discard.UNMAP))
    bench.do(AddImage("target", SIZE, cluster=case.target_cluster, backing=below))


def _around(case: AlignmentCase) -> list[Write]:
    """Return the writes on both sides of the piece, or all over it; a discard needs something to discard."""
    start, end = case.span
    low, high = MIB - 128 * KIB, end + 128 * KIB
    sides = [(low, high)] if case.over else [(low, start), (end, high)]
    writes = [write for one, other in sides for write in _written(case.around, one, other, 3)]
    return [*writes, *(_written(Kind.DATA, start, end, 4) if case.piece is Kind.DISCARDED else [])]


def _piece(case: AlignmentCase) -> list[Write]:
    return _written(case.piece, *case.span, 5)


def _written(kind: Kind, start: int, end: int, tag: int) -> list[Write]:
    """Return the write that makes [start, end) a part of a kind: none for a hole."""
    match kind:
        case Kind.HOLE:
            return []
        case Kind.DATA:
            return [Write(start, end - start, Positional(tag))]
        case Kind.ZEROES:
            return [Write(start, end - start, kind=IoKind.ZEROES)]
        case Kind.DISCARDED:
            return [Write(start, end - start, kind=IoKind.DISCARD)]


def _mirror(case: AlignmentCase) -> StartMirror:
    mirror = StartMirror("job", "target", copy_mode=case.copy_mode)
    if case.copied.uses_bitmap:
        return replace(mirror, bitmap="b0")
    return replace(mirror, granularity=case.segment, sync=SyncMode.TOP if case.copied is Copied.TOP else SyncMode.FULL)
