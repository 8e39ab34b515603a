"""The model predicts what a QEMU does by its capabilities."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.bench import Rehearsal
from fixtures.vocabulary.capabilities import REFERENCE, Capabilities
from fixtures.vocabulary.enums import Dialect, Format, SyncMode
from fixtures.vocabulary.faults import Errno, Fault, Place
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Deactivate,
    Inject,
    IoKind,
    Quit,
    RemoveBitmap,
    ReopenReadOnly,
    StartMirror,
    Step,
    Write,
)

BLANK: list[Step] = [AddImage("source", MIB, Format.RAW), AddImage("target", MIB, Format.RAW)]
OLD = Write(0, 128 * KIB, Fill(7), at="target")
LATE = Write(256 * KIB, 64 * KIB, ZEROES, IoKind.ZEROES, at="filter")
OVER_DATA = Write(0, 64 * KIB, Fill(1))


def _rehearsed(capabilities: Capabilities, *steps: Step) -> Rehearsal:
    bench = Rehearsal(Dialect.STOCK, capabilities)
    bench.do(*steps)
    return bench


def _errors(bench: Rehearsal) -> int:
    return bench.transcript.text("").count("ERROR(write report)")


ZEROED = Inject(Fault(Place.ZEROES, Errno.EIO))
ZERO_CASES: dict[str, tuple[list[Step], int]] = {
    "blank-target": ([*BLANK, ZEROED, StartMirror("job", "target")], 0),
    "old-data": ([*BLANK, OLD, ZEROED, StartMirror("job", "target")], 1),
    "sync-none": ([*BLANK, StartMirror("job", "target", sync=SyncMode.NONE), ZEROED, LATE], 1),
    "copied-zeroes": ([*BLANK, OLD, StartMirror("job", "target"), ZEROED, LATE], 0),
    "copied-data": ([*BLANK, OVER_DATA, StartMirror("job", "target"), ZEROED, replace(LATE, offset=0)], 1),
}


@pytest.mark.parametrize(("steps", "errors"), ZERO_CASES.values(), ids=ZERO_CASES)
def test_known_zeroes_are_not_written(steps: list[Step], errors: int) -> None:
    """No failing request reaches what a job knows to read as zeroes; without that knowledge each story meets it."""
    assert _errors(_rehearsed(replace(REFERENCE, skips_known_zeroes=True), *steps)) == errors
    assert _errors(_rehearsed(REFERENCE, *steps)) == 1


def test_no_zeroes_are_known_with_a_working_bitmap() -> None:
    """A job that takes a bitmap does not look at its target first, so it writes zeroes to one that has them already."""
    bench = Rehearsal(Dialect.V3, replace(REFERENCE, skips_known_zeroes=True))
    zeroes = replace(LATE, at="source")
    bench.do(*BLANK, AddBitmap("b0", 64 * KIB), zeroes, ZEROED, StartMirror("job", "target", bitmap="b0"))
    assert _errors(bench) == 1


@pytest.mark.parametrize("reports", [True, False])
def test_a_failed_flush_at_close_is_reported(reports: bool) -> None:
    """Of a target that was written to and cannot be flushed there is a line on stderr."""
    flush = Inject(Fault(Place.FLUSH, Errno.ENOSPC, once=False))
    able = replace(REFERENCE, reports_flush_at_close=reports)
    bench = _rehearsed(able, *BLANK, OVER_DATA, flush, StartMirror("job", "target", on_target_error="stop"), Quit())
    assert bench.state.complaints == ["Failed flush during close: No space left on device"] * reports


@pytest.mark.parametrize("needs", [True, False])
def test_words_of_a_refusal(needs: bool) -> None:
    """What QEMU must say depends on it; the transcript reads the same for all."""
    able = replace(REFERENCE, removal_needs_write_access=needs)
    bench = _rehearsed(able, AddImage("source", MIB), AddBitmap("b0", persistent=True), ReopenReadOnly())
    refused, _ = bench._predict(RemoveBitmap("b0"))
    assert refused
    own = "Cannot remove persistent bitmap 'b0': no write access to node 'source'"
    usual = "Bitmap 'b0' is readonly and cannot be modified"
    assert (refused.text, refused.cause.shown) == (own if needs else usual, usual)
    bench.transcript.refusal(refused.text, refused.cause)
    assert f"<- {usual}" in bench.transcript.text("")


@pytest.mark.parametrize("node", [ReopenReadOnly("source"), Deactivate("source")])
def test_a_persistent_bitmap_needs_a_node_that_can_be_written(node: Step) -> None:
    """A QEMU that looks at the node refuses there what would be lost, and only that."""
    bench = _rehearsed(replace(REFERENCE, addition_needs_write_access=True), AddImage("source", MIB, Format.RAW), node)
    refused, _ = bench._predict(AddBitmap("b0", persistent=True))
    assert refused
    assert refused.text == "Cannot add a persistent bitmap to read-only or inactive node 'source'"
    assert bench._predict(AddBitmap("b0"))[0] is None
