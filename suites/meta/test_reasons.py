"""A refusal has a reason and a text: each reason is given by the model, each text stands for one reason."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from fixtures import model
from fixtures.model.refusal import Refusal
from fixtures.vocabulary.reasons import Cause, Reason

SOURCES = sorted(Path(inspect.getfile(model)).parent.rglob("*.py"))


def _given() -> list[str]:
    """Return the first argument of each ``Refusal(...)`` of the model."""
    trees = [ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]
    calls = [node for tree in trees for node in tree if isinstance(node, ast.Call)]
    return [ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "Refusal"]


def test_the_model_gives_each_reason() -> None:
    """No reason is left over, and each refusal of the model has one."""
    assert {*_given()} == {f"Reason.{reason.name}" for reason in Reason}


def test_a_text_holds_its_figures() -> None:
    """What QEMU must say has the figures in it; a symbolic text has symbols instead, as far as there are some."""
    cause = Cause(Reason.SYNC_MODE, "Sync mode '{sync}' of {size}", {"sync": "top", "size": 7})
    assert cause.text == "Sync mode 'top' of 7"
    assert cause.symbolic({"sync": "S", "cluster": "C"}) == "Sync mode 'S' of 7"


@pytest.mark.parametrize("text", ["{", "a {name} of the caller's", "}"])
def test_a_text_without_figures_is_taken_as_it_is(text: str) -> None:
    """Names come from the caller and may hold braces."""
    assert Refusal(Reason.EXISTS, text).text == Cause(Reason.EXISTS, text).symbolic({"name": "N"}) == text


def test_a_class_stands_before_the_text() -> None:
    """An error class other than the usual one is part of the text, and of the symbolic text."""
    refusal = Refusal(Reason.NO_BLOCK_JOB, "{job} not found", error_class="DeviceNotActive", job="j")
    assert refusal.text == str(refusal) == "DeviceNotActive: j not found"
    assert refusal.cause.symbolic({"job": "J"}) == "DeviceNotActive: J not found"
