"""The product: its cases are those that must be, the feature is at work in them, their behaviours have goldens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from itertools import combinations, product

import pytest

from fixtures.bench import Rehearsal
from fixtures.host.folders import GOLDEN
from fixtures.vocabulary.enums import Dialect, MirrorCommand, SyncMode
from fixtures.vocabulary.sizes import KIB
from suites.parameters.covering import Row
from suites.parameters.strength import Missing, triples
from suites.product import behaviours, design
from suites.product.axes import Held
from suites.product.case import AXES, MODE_AXES, ModeCase, ProductCase
from suites.product.design import ALL_PARTS
from suites.product.granularity import Granularity
from suites.product.mode_parts import MODES, MODES_AXES, MODES_REFUSED, SPELLINGS
from suites.product.parts import GOOD, HEART, HEART_AXES, PARTS, PLAIN, REFUSED, Part
from suites.product.story import ProductStory
from tools import behaviour_table

UNDER_BOTH = [axis for axis in HEART_AXES if axis != "command"]
"""What meets both commands; drive-mirror has two ways to have its target, which take turns."""


def _started(dialect: Dialect) -> list[Row]:
    """Return the cases without a request in flight that run on the bitmap."""
    return [row for row in behaviours.of(dialect).started if row["held"] is Held.NOTHING]


@pytest.mark.parametrize("dialect", [Dialect.V2, Dialect.V3])
def test_every_combination_of_the_heart_runs_on_the_bitmap(dialect: Dialect) -> None:
    """Copy mode x granularity x operation x moment x command: the model starts a mirror on the bitmap in each."""
    seen = {(*(row[axis] for axis in UNDER_BOTH), _is_drive(row)) for row in _started(dialect)}
    wanted = set(product(*map(_values, UNDER_BOTH), [True, False]))
    assert len(wanted) == 2 * 19 * 12 * 5 * 2
    assert wanted - seen == set()


@pytest.mark.parametrize("dialect", [Dialect.V2, Dialect.V3])
def test_both_ways_of_drive_mirror_run_with_every_pair(dialect: Dialect) -> None:
    """Each way to have a target runs with any two values, but for one: QEMU creates no clusters below 64 KiB."""
    rows = _started(dialect)
    small = {one for one in GOOD if 0 < (one.bytes or 0) < 64 * KIB}
    for first, second in combinations(UNDER_BOTH, 2):
        seen = {(row["command"], row[first], row[second]) for row in rows}
        wanted = set(product([MirrorCommand.DRIVE, MirrorCommand.DRIVE_EXISTING], _values(first), _values(second)))
        assert [one for one in wanted - seen if one[0] is not MirrorCommand.DRIVE or small.isdisjoint(one)] == []


def _values(axis: str) -> Sequence[object]:
    return GOOD if axis == "granularity" else AXES[axis]


def _is_drive(row: Row) -> bool:
    return MirrorCommand(str(row["command"])).is_drive


def test_every_combination_of_v1_runs_on_the_bitmap() -> None:
    """Bitmap mode x copy mode x granularity x operation x moment: the model starts a mirror on the bitmap in each."""
    axes = ("sync", "mode", *MODES_AXES)
    seen = {tuple(row[axis] for axis in axes) for row in _started(Dialect.V1)}
    others = set(product(*(MODES.axes[axis] for axis in MODES_AXES)))
    assert len(others) == 2 * 19 * 12 * 5
    for spellings in SPELLINGS.values():
        assert {row[2:] for row in seen if row[:2] in spellings} == others


def test_every_spelling_of_v1_runs_with_every_pair() -> None:
    """Each sync mode with each bitmap mode that it takes: it runs with any two values of the other axes."""
    rows = _started(Dialect.V1)
    spellings = [spelling for one in SPELLINGS.values() for spelling in one]
    for first, second in combinations(MODES_AXES, 2):
        seen = {((row["sync"], row["mode"]), row[first], row[second]) for row in rows}
        assert seen == set(product(spellings, MODES.axes[first], MODES.axes[second]))


@pytest.mark.parametrize(("part", "dialect"), [(HEART, Dialect.V3), (MODES, Dialect.V1)], ids=["heart", "modes"])
def test_every_error_ends_its_job(part: Part, dialect: Dialect) -> None:
    """A case that is to end by an error does: the model's job has met it."""
    cases = [entry.case for entry in design.of(part) if entry.case.ending.is_error]
    for case in cases[:: len(cases) // 200]:
        bench = Rehearsal(dialect)
        ProductStory(bench, case).run()
        assert bench.state.jobs["job"].failed, case


def test_no_more_than_a_quarter_is_refused() -> None:
    """Refused starts are few, and they are all of their part."""
    cases = {part.name: len(design.of(part)) for part in ALL_PARTS}
    assert behaviours.of(Dialect.V3).refused <= cases[REFUSED.name] <= sum(cases[part.name] for part in PARTS) / 4
    assert behaviours.of(Dialect.V1).refused == cases[MODES_REFUSED.name] <= cases[MODES.name] / 4


def test_every_sync_mode_meets_every_operation() -> None:
    """Sync mode x copy mode x granularity x operation, good or bad, each occurs."""
    axes = ("sync", "copy_mode", "granularity", "operation")
    seen = {tuple(entry.row[axis] for axis in axes) for part in PARTS for entry in design.of(part)}
    assert len(seen) == len(SyncMode) * 2 * len(Granularity) * 12


@pytest.mark.parametrize("part", ALL_PARTS, ids=lambda part: part.name)
def test_every_valid_triple_occurs(part: Part) -> None:
    """Every triple with a leading axis occurs, but for those that no case could hold."""
    missing = Missing(triples(part.axes, part.leading, part.rules))
    for entry in design.of(part):
        missing.bring(entry.row)
    possible = [one for one in missing if part.rules.completed(dict(one), part.axes, lambda _, axis: part.axes[axis])]
    assert possible == []


@pytest.mark.parametrize("part", ALL_PARTS, ids=lambda part: part.name)
def test_every_pair_of_the_leading_axes_is_in_the_quick_subset(part: Part) -> None:
    """What make check-quick runs has every pair of values with a leading axis that any case has."""
    every, quick = (
        part.quick_pairs(entry.row for entry in entries)
        for entries in (design.of(part), [entry for entry in design.of(part) if entry.quick])
    )
    assert every == quick
    assert sum(entry.quick for entry in design.of(part)) < 400


def test_every_case_is_valid_and_has_an_id_of_its_own() -> None:
    """No case asks for what makes no sense; the kept design is of today's axes."""
    assert {*AXES} == {one.name for one in fields(ProductCase)}
    assert {*MODE_AXES} == {one.name for one in fields(ModeCase)}
    for part in ALL_PARTS:
        assert [entry.id for entry in design.of(part) if not part.rules.allow_all(entry.row)] == []
    twice = [one for one, count in Counter((entry.part, entry.id) for entry in design.entries()).items() if count > 1]
    assert twice == []


def test_a_design_for_other_axes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of the axes the file is not read: letters would mean something else."""
    monkeypatch.setitem(AXES, "speed", ["slow", "fast"])
    with pytest.raises(ValueError, match="run `make design`"):
        design.entries.__wrapped__()


@pytest.mark.parametrize("part", [PLAIN, MODES_REFUSED], ids=lambda part: part.name)
def test_the_kept_design_is_what_is_made_today(part: Part) -> None:
    """The smallest part of each file is made anew: the greedy choice gives what the file has."""
    assert design.made(part) == [entry.case for entry in design.of(part)]


@pytest.mark.parametrize("dialect", behaviours.DIALECTS)
def test_goldens_are_what_the_model_says(dialect: Dialect) -> None:
    """Each behaviour of a dialect has a golden with the text that the model predicts."""
    written = {path.stem: path.read_text(encoding="utf-8") for path in (GOLDEN / "product").glob("*.txt")}
    predicted = {name: behaviour.text for name, behaviour in behaviours.of(dialect).behaviours.items()}
    assert predicted == {name: written.get(name) for name in predicted}


def test_no_golden_is_an_orphan_and_the_table_is_up_to_date() -> None:
    """Each golden belongs to a behaviour of some dialect; docs/behaviours.md lists them all."""
    names = {name for dialect in behaviours.DIALECTS for name in behaviours.of(dialect).behaviours}
    assert {path.stem for path in (GOLDEN / "product").iterdir()} == names
    assert behaviour_table.DOCUMENT.read_text(encoding="utf-8") == behaviour_table.text()


def test_goldens_are_short() -> None:
    """All behaviours together can be read by a person."""
    assert sum(path.read_text(encoding="utf-8").count("\n") for path in (GOLDEN / "product").iterdir()) < 3000
