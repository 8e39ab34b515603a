"""The product of all axes: its covering design, its behaviours, their goldens and their table."""

from __future__ import annotations

from dataclasses import fields

import pytest

from fixtures.host.folders import GOLDEN
from fixtures.vocabulary.enums import Dialect
from suites.parameters.covering import Pair, complete, pairs_of
from suites.product import behaviours
from suites.product.case import FULL, FURTHER, ProductCase, all_cases, is_valid, quick_cases, valid_pairs
from tools import behaviour_table


def _pairs(cases: tuple[ProductCase, ...]) -> set[Pair]:
    return {pair for case in cases for pair in pairs_of(case.row)}


def test_every_combination_is_a_case() -> None:
    """Sync mode x copy mode x granularity x operation x moment is run in full, each under an id of its own."""
    assert len(all_cases()) == 5 * 2 * 27 * 13 * 5
    assert len({case.id for case in all_cases()}) == len(all_cases())


def test_every_pair_of_values_occurs() -> None:
    """Any two axes meet in all their valid pairs, in the whole and in the quick subset."""
    assert valid_pairs() <= _pairs(all_cases())
    assert valid_pairs() <= _pairs(quick_cases())
    assert len(quick_cases()) < len(all_cases()) / 10


def test_every_case_is_valid() -> None:
    """No case asks for what makes no sense."""
    assert all(is_valid(case.row) for case in all_cases())


def test_completion_respects_what_is_valid() -> None:
    """A row gets the values that bring missing pairs, but never one that is refused."""
    missing: set[Pair] = {(("a", 1), ("b", "x")), (("a", 2), ("b", "y"))}
    rows = complete([{"a": 1}, {"a": 2}], {"b": ["x", "y"]}, lambda row: row != {"a": 1, "b": "y"}, missing)
    assert rows == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert not missing


def test_axes_are_told_apart() -> None:
    """The five axes that are run in full and the others make up a case."""
    assert {*FULL, *FURTHER} == {one.name for one in fields(ProductCase)}


@pytest.mark.parametrize("dialect", behaviours.DIALECTS)
def test_goldens_are_what_the_model_says(dialect: Dialect) -> None:
    """Each behaviour of a dialect has a golden with the text that the model predicts."""
    written = {path.stem: path.read_text(encoding="utf-8") for path in (GOLDEN / "product").glob("*.txt")}
    predicted = {name: behaviour.text for name, behaviour in behaviours.of(dialect).items()}
    assert predicted == {name: written.get(name) for name in predicted}


def test_no_golden_is_an_orphan_and_the_table_is_up_to_date() -> None:
    """Each golden belongs to a behaviour of some dialect; docs/behaviours.md lists them all."""
    names = {name for dialect in behaviours.DIALECTS for name in behaviours.of(dialect)}
    assert {path.stem for path in (GOLDEN / "product").iterdir()} == names
    assert behaviour_table.DOCUMENT.read_text(encoding="utf-8") == behaviour_table.text()


def test_goldens_are_short() -> None:
    """All behaviours together can be read by a person."""
    assert sum(path.read_text(encoding="utf-8").count("\n") for path in (GOLDEN / "product").iterdir()) < 3000
