"""The cases of suites/lifecycle/test_alignments.py: what they cover, and that a border lies where it says."""

from __future__ import annotations

import pytest

from fixtures.vocabulary.sizes import KIB
from suites.lifecycle.alignments import AXES, RULES, AlignmentCase, Border, Kind, cases, quick_cases
from suites.lifecycle.test_alignments import SIZE
from suites.parameters.covering import pairs_of
from suites.parameters.strength import Missing, cover, triples


def test_every_possible_triple_occurs() -> None:
    """Each three values of three axes that any case can hold are in one; the quick cases have all pairs."""
    missing = Missing(triples(AXES, list(AXES), RULES))
    for case in cases():
        missing.bring(case.row)
    assert set(missing) == set(cover([], AXES, AXES, list(AXES), RULES)[1])
    assert {pair for one in quick_cases() for pair in pairs_of(one.row)} == {
        p for one in cases() for p in pairs_of(one.row)
    }


@pytest.mark.parametrize("side", [0, 1], ids=["start", "end"])
def test_a_border_lies_where_it_says(side: int) -> None:
    """A piece begins and ends at a multiple of what its borders name, or of nothing, within the disk."""
    for case in cases():
        at, border = case.span[side], (case.start, case.end)[side]
        units = {Border.TARGET: case.target_cluster, Border.SOURCE: case.source_cluster, Border.SEGMENT: case.segment}
        assert at % units[border] == 0 if border in units else all(at % unit for unit in units.values()), case
        assert 128 * KIB < case.span[0] < case.span[1] < SIZE - 128 * KIB, case


def _meets_inside(case: AlignmentCase) -> bool:
    """Return whether zeroes end and data begin inside a segment that has several clusters of the source."""
    kinds = {case.piece, case.around}
    return case.segment > case.source_cluster and Kind.DATA in kinds and bool({Kind.ZEROES, Kind.HOLE} & kinds)


def test_zeroes_and_data_share_segments() -> None:
    """What a mirror could take for zeroes as a whole occurs with and without a bitmap, over backing files and none."""
    found = {(case.copied, case.below) for case in cases() if _meets_inside(case)}
    assert {copied.uses_bitmap for copied, _ in found} == {below for _, below in found} == {False, True}
