"""Errors of mirrors: the covering design, what the model makes of policies, the goldens of their behaviours."""

from __future__ import annotations

import functools
from dataclasses import fields

import pytest

from fixtures.bench import Rehearsal
from fixtures.driver.faults import blkdebug
from fixtures.host.folders import GOLDEN
from fixtures.model.rules import questions
from fixtures.model.rules.errors import action_of
from fixtures.model.rules.questions import Violation
from fixtures.model.state.content import Image, Unknown, Void
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.faults import Errno, Fault, OnError, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import AddBitmap, ResumeJob, StartMirror, Write
from suites.errors.case import (
    FULL,
    FURTHER,
    ErrorCase,
    deep_cases,
    error_cases,
    is_valid,
    quick_cases,
    quick_pairs,
    valid_pairs,
)
from suites.errors.story import ErrorStory
from suites.parameters.covering import pairs_of

SEGMENT = 64 * KIB
DIALECTS = tuple(Dialect)


def _world(fault: Fault, segments: int = 4, **options: object) -> World:
    """Return a world in which a mirror of some dirty segments has just met a fault."""
    world = World(State(Dialect.V3, {node: Image(16 * SEGMENT) for node in ("source", "target")}, fault=fault))
    world.apply(AddBitmap("b0", SEGMENT))
    world.apply(Write(0, segments * SEGMENT, Fill(1)))
    world.apply(StartMirror("job", "target", bitmap="b0", **options))  # type: ignore[arg-type]
    return world


def test_every_pair_of_values_occurs() -> None:
    """Any two axes meet in all their valid pairs, those that decide in the quick subset, and every value with a bitmap
    and without; every case is valid and has its own id."""
    assert valid_pairs() <= {pair for case in error_cases() for pair in pairs_of(case.row)}
    assert quick_pairs() <= {pair for case in quick_cases() for pair in pairs_of(case.row)}
    assert {value for case in error_cases() for value in case.row.items()} == {
        value for case in quick_cases() for value in case.row.items()
    }
    assert {*quick_cases()} < {*error_cases()}
    assert all(is_valid(case.row) for case in error_cases() + deep_cases())
    assert len({case.id for case in error_cases()}) == len(error_cases())
    assert len({case.deep_id for case in deep_cases()}) == len(deep_cases())
    assert {*FULL, *FURTHER} == {one.name for one in fields(ErrorCase)}


@functools.cache
def _behaviours(dialect: Dialect) -> dict[str, str]:
    """Rehearse all cases; those with a behaviour of one name must read the same."""
    found: dict[str, str] = {}
    for case in error_cases() + deep_cases():
        bench = Rehearsal(dialect)
        story = ErrorStory(bench, case)
        story.run()
        for chapter in story.chapters:
            assert found.setdefault(chapter.name, chapter.text) == chapter.text, (chapter.name, case)
        _know_the_target(bench)
    return found


def _know_the_target(bench: Rehearsal) -> None:
    """When a mirror has succeeded, nothing is left of which the model does not know what the target holds."""
    world = bench.world
    if list(world.state.jobs.values())[-1].completed and not isinstance(world.state.images["source"], Void):
        target = world.state.images["target"]
        assert not [piece for piece in target.own.slices(0, target.size) if isinstance(piece[2], Unknown)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_goldens_are_what_the_model_says(dialect: Dialect) -> None:
    """Each behaviour of a dialect, those of deep cases too, has a golden with the text that the model predicts."""
    assert _behaviours(dialect).items() <= _written().items()


def test_no_golden_is_an_orphan() -> None:
    """Each golden belongs to a behaviour of some dialect, and a person can read them all."""
    assert _written().keys() == {name for dialect in DIALECTS for name in _behaviours(dialect)}
    assert sum(text.count("\n") for text in _written().values()) <= 500


def _written() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in (GOLDEN / "errors").glob("*.txt")}


ACTIONS = {
    OnError.REPORT: ("report", "report"),
    OnError.IGNORE: ("ignore", "ignore"),
    OnError.ENOSPC: ("report", "stop"),
    OnError.STOP: ("stop", "stop"),
    OnError.AUTO: ("report", "stop"),
}


@pytest.mark.parametrize("policy", OnError, ids=str)
def test_a_policy_has_an_action_for_each_error(policy: OnError) -> None:
    """As QAPI's BlockdevOnError says: for EIO, and for ENOSPC."""
    assert (action_of(policy, Errno.EIO), action_of(policy, Errno.ENOSPC)) == ACTIONS[policy]


def test_a_serial_mirror_stops_at_the_segment_that_fails() -> None:
    """What lies before it is copied; once resumed, the job copies what lies behind it and meets it last."""
    fault = Fault(Place.WRITE, once=False, offset=SEGMENT)
    world = _world(fault, buf_size=SEGMENT, on_target_error=OnError.STOP)
    assert world.state.bitmaps_on("source")["b0"].dirty == {1, 2, 3}
    assert str(world.state.jobs["job"].io_status) == "failed"
    world.apply(ResumeJob("job"))
    assert world.state.bitmaps_on("source")["b0"].dirty == {1}


def test_a_segment_that_failed_must_be_dirty() -> None:
    """Whatever else was copied: a clean segment whose copy failed is a violation."""
    world = _world(Fault(Place.READ, offset=2 * SEGMENT))
    job = world.state.open_question
    assert job is not None
    with pytest.raises(Violation, match=r"segments \[2\] of b0 failed to be copied but are not dirty"):
        questions.answer(world.state, job, {1})


def test_a_segment_cut_short_is_copied_as_data() -> None:
    """The end of the disk never meets an error of zero writes."""
    world = World(State(Dialect.V3, {node: Image(SEGMENT + 512) for node in ("source", "target")}))
    world.state.fault = Fault(Place.ZEROES, offset=SEGMENT)
    world.apply(StartMirror("job", "target", granularity=SEGMENT))
    assert world.state.jobs["job"].state == "ready"


def test_only_what_fills_a_cluster_reads_the_backing_file() -> None:
    """A write of whole clusters, or into one that the target holds, does not; any other does, once for its cluster."""
    target = Image(8 * SEGMENT, 2 * SEGMENT, backing=Image(8 * SEGMENT))
    assert [target.fills(at * SEGMENT, (at + 2) * SEGMENT) for at in range(3)] == [False, True, False]
    target.write(2 * SEGMENT, 3 * SEGMENT, Fill(1))
    assert [target.fills(at * SEGMENT, (at + 1) * SEGMENT) for at in range(5)] == [True, True, False, False, True]


def test_a_fault_is_a_rule_of_blkdebug() -> None:
    """A place is an event and a kind of request, an offset a sector; a read defuses what is below the target."""
    rules = blkdebug(Fault(Place.WRITE, Errno.ENOSPC, once=False, offset=SEGMENT))
    assert rules["inject-error"] == [
        {"event": "none", "state": 1, "errno": 28, "once": False, "iotype": "write", "sector": 128},
        {"event": "read_aio", "iotype": "block-status", "sector": 1 << 50},
    ]
    assert rules["set-state"] == [{"event": "read_aio", "state": 1, "new_state": 2}]
    assert "set-state" not in blkdebug(Fault(Place.READ))
