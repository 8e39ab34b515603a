"""The vocabulary of steps: each step has one handler in the bench and one in the model, and a list names them."""

from __future__ import annotations

from typing import get_args

import pytest

from fixtures.model.world import HANDLERS
from fixtures.vocabulary.steps import JobStep, Step
from tools import step_table
from tools.step_table import OUTSIDE_TABLES, UNKNOWN_TO_MODEL

STEPS: tuple[type, ...] = get_args(Step)
JOB_STEPS: tuple[type, ...] = get_args(JobStep)


@pytest.mark.parametrize("step", STEPS)
def test_the_bench_has_one_handler_of_each_step(step: type) -> None:
    """One part does a step; a command about a job has a second handler, for when requests are held."""
    expected = 2 if step in JOB_STEPS else 0 if step in OUTSIDE_TABLES else 1
    assert len(step_table.parts_of(step)) == expected


def test_the_model_has_a_handler_of_each_step_but_those_named() -> None:
    """A step that the model does not know is named, with the reason."""
    assert {step for step in STEPS if step not in HANDLERS} == set(UNKNOWN_TO_MODEL)


def test_each_handler_is_of_a_step() -> None:
    """No table has a handler of what is not a step of a story."""
    handled = HANDLERS.keys() | set().union(*step_table.tables().values()) | OUTSIDE_TABLES.keys()
    assert handled == set(STEPS)


def test_the_document_is_up_to_date() -> None:
    """docs/steps.md is what `make steps` writes."""
    assert step_table.DOCUMENT.read_text(encoding="utf-8") == step_table.text()
