"""Mirrors of a disk with a bitmap on a real QEMU: everything that can be done to the bitmap that one uses, at every
moment; mirrors beside a bitmap; mirrors that are refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.steps import Examine
from suites.product import design, disk, operations
from suites.product.axes import Buffer
from suites.product.design import Entry
from suites.product.flight_story import FlightStory
from suites.product.in_flight import IN_FLIGHT
from suites.product.mode_parts import MODES, MODES_REFUSED
from suites.product.parts import HEART, PLAIN, REFUSED, Part
from suites.product.story import ProductStory


def _cases(part: Part) -> Sequence[object]:
    return [pytest.param(entry, id=entry.id, marks=_marks(entry)) for entry in design.of(part)]


def _marks(entry: Entry) -> list[pytest.MarkDecorator]:
    """Return how a case is selected, what it needs, which issues it meets, and which a small buffer or a limit may."""
    marks = [] if entry.quick else [pytest.mark.thorough]
    if entry.case.buffer is not Buffer.DEFAULT:
        marks.append(pytest.mark.possible("KI-21"))
    if operations.is_slowed(entry.case):
        marks.append(pytest.mark.possible("KI-25"))
    if disk.has_raw_end(entry.case):
        mark = pytest.mark.known if disk.writes_raw_end(entry.case) else pytest.mark.possible
        marks.append(mark("KI-16"))
    if needs := entry.case.opening.needs:
        marks.append(pytest.mark.needs(*needs))
    return marks


@pytest.mark.dialects("v2", "v3")
@pytest.mark.parametrize("case", _cases(HEART))
def test_heart(bench: Bench, behaviours: SnapshotAssertion, case: Entry) -> None:
    """A mirror works off its bitmap as the model says, whatever is done to it or to another one, and when (M-05, M-07,
    M-24, M-89, M-91, B-01, B-10, B-12, B-20, B-22, B-23, B-30 to B-36, B-40, B-43, X-06 to X-09, X-11, R-B10, R-M5)."""
    _run(bench, behaviours, case)


@pytest.mark.dialects("v1")
@pytest.mark.parametrize("case", _cases(MODES))
def test_modes(bench: Bench, behaviours: SnapshotAssertion, case: Entry) -> None:
    """In v1 the bitmap records all the while, and is left as its mode says: ``never`` keeps all, ``on-success`` unless
    the mirror succeeded, ``always`` what the target lacks (M-05, X-08, X-09, X-16, B-10, B-20, B-23, R-B10)."""
    _run(bench, behaviours, case)


@pytest.mark.possible("KI-13", sync="top", command="drive-mirror", source="backed")
@pytest.mark.parametrize("case", _cases(PLAIN))
def test_plain(bench: Bench, behaviours: SnapshotAssertion, case: Entry) -> None:
    """A mirror without a bitmap leaves one beside it alone, whatever is done to it, and all layers of its source (M-03,
    M-11, M-12, M-102, M-126, B-43)."""
    _run(bench, behaviours, case)


@pytest.mark.dialects("v1")
@pytest.mark.parametrize("case", _cases(MODES_REFUSED))
def test_modes_refused(bench: Bench, behaviours: SnapshotAssertion, case: Entry) -> None:
    """A mirror of v1 whose sync mode, bitmap mode and bitmap do not fit together does nothing (X-01 to X-04, X-16)."""
    _run(bench, behaviours, case)


@pytest.mark.dialects("stock", "v2", "v3")
@pytest.mark.parametrize("case", _cases(REFUSED))
def test_refused(bench: Bench, behaviours: SnapshotAssertion, case: Entry) -> None:
    """A mirror that is refused changes nothing: no bit, flag, node or byte of the target (X-01, X-02, X-06, R-M8)."""
    _run(bench, behaviours, case)


@pytest.mark.dialects("v1", "v2", "v3")
@pytest.mark.possible("KI-07")
@pytest.mark.parametrize("case", _cases(IN_FLIGHT))
def test_in_flight(bench: Bench, case: Entry) -> None:
    """While a disk holds a copy or a guest's write, a bitmap in use is busy and others change; what the job reports is
    known at each step, and nothing is lost however it ends (M-38, M-50, M-80, M-91, B-40, X-10, R-B5)."""
    FlightStory(bench, case.case).run()
    bench.finish(str(case.case))


def _run(bench: Bench, behaviours: SnapshotAssertion, entry: Entry) -> None:
    """Run a case; each of its behaviours reads as it does in all others."""
    story = ProductStory(bench, entry.case)
    story.run()
    bench.finish(str(entry.case))
    if entry.examined:
        bench.do(Examine("source", "target"))
    for chapter in story.chapters:
        assert chapter.text == behaviours(name=chapter.name)
