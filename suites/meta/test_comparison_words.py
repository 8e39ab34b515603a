"""Which conditions describe some cases of a test: exact where that can be, in ranges where an axis has an order."""

from __future__ import annotations

import random
from itertools import product

import pytest

from fixtures.runs.comparison.conditions import condition
from fixtures.runs.comparison.population import Population
from fixtures.vocabulary.enums import CopyMode
from suites.product.granularity import Granularity

CASES = {
    f"{granularity}-{mode}-{end}": {"granularity": str(granularity), "copy_mode": str(mode), "ending": end}
    for granularity, mode, end in product(Granularity, CopyMode, ("complete", "cancel"))
}
POPULATION = Population(CASES)
SMALL = ("512", "1K", "2K", "4K", "8K", "16K", "32K")


def described(wanted: set[str]) -> list[str]:
    """Return the descriptions of some cases."""
    return [str(description) for _, description in POPULATION.describe(wanted)]


def where(**axes: tuple[str, ...]) -> set[str]:
    """Return the cases that have one of these values in each axis."""
    return {name for name, case in CASES.items() if all(case[axis] in values for axis, values in axes.items())}


def test_no_condition_is_told_where_all_cases_are_meant() -> None:
    """All cases of a test are called just that."""
    assert described(set(CASES)) == [f"all {len(CASES)} cases"]


def test_conditions_are_exact_and_few() -> None:
    """Only the axes that matter are named."""
    cases = where(granularity=SMALL, copy_mode=("write-blocking",))
    assert described(cases) == ["all 14 cases with granularity below 64K, copy_mode=write-blocking"]


def test_two_causes_are_told_apart() -> None:
    """Cases that no single set of conditions holds are described in parts that are exact."""
    cases = where(granularity=SMALL, copy_mode=("background",)) | where(granularity=("zero",), ending=("cancel",))
    assert sorted(described(cases)) == [
        "all 14 cases with granularity below 64K, copy_mode=background",
        "all 2 cases with granularity=zero, ending=cancel",
    ]
    assert {case for part, _ in POPULATION.describe(cases) for case in part} == cases


def test_what_cannot_be_told_exactly_is_told_honestly() -> None:
    """Cases without a pattern are so many of those that fulfil the conditions."""
    cases = set(random.Random(1).sample(sorted(CASES), 40))
    (description,) = described(cases)
    assert description.startswith(f"{len(cases)} of ")


def test_a_value_that_no_case_has_there_is_as_good() -> None:
    """Where a sparse selection leaves values open, the wording that is shortest is taken."""
    sparse = Population({name: case for name, case in CASES.items() if not name.startswith(("2K-back", "8K-back"))})
    cases = {f"{one}-background-{end}" for one in ("512", "1K", "4K", "16K", "32K") for end in ("complete", "cancel")}
    ((_, description),) = sparse.describe(cases)
    assert str(description) == "all 10 cases with granularity below 64K, copy_mode=background"


EVERY = [str(one) for one in Granularity]
WORDINGS = {
    "below": (SMALL, "granularity below 64K"),
    "from": (("16M", "32M", "64M"), "granularity from 16M"),
    "between": (("4K", "8K", "16K"), "granularity 4K to 16K"),
    "one": (("4K",), "granularity=4K"),
    "with-the-default": (("default", *SMALL), "granularity below 64K or default"),
    "two-stretches": (("512", "1K", "32M", "64M"), "granularity below 2K or from 32M"),
    "no-order": (("zero", "negative"), "granularity=zero or negative"),
    "all-but": (tuple(one for one in EVERY if one not in ("64K", "zero")), "granularity other than 64K or zero"),
}


@pytest.mark.parametrize(("values", "text"), WORDINGS.values(), ids=WORDINGS)
def test_an_ordered_axis_is_told_in_ranges(values: tuple[str, ...], text: str) -> None:
    """Stretches of an axis with an order are ranges; other values stand for themselves, or what is missing does."""
    assert condition("granularity", values, values, EVERY).text == text
