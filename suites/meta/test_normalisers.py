"""The table of normalisers: sizes, command lines, and a reason for each."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from fixtures.host.folders import ROOT
from fixtures.transcript import values
from fixtures.transcript.normalisers import TABLE
from fixtures.vocabulary.enums import SyncMode
from fixtures.vocabulary.sizes import GIB, KIB, MIB

DOCUMENT = ROOT / "docs" / "normalisers.md"
UNITS = {"K": KIB, "M": MIB}


@given(
    st.integers(0, 1 << 40)
    | st.builds(lambda count, unit: count * unit, st.integers(0, 5000), st.sampled_from([KIB, MIB]))
)
def test_a_size_is_exact(number: int) -> None:
    """What is shown stands for the number itself, in the largest unit that divides it."""
    text = values.size(number)
    digits, unit = (text[:-1], UNITS[text[-1]]) if text[-1] in UNITS else (text, 1)
    assert int(digits) * unit == number
    larger = [one for one in UNITS.values() if one > unit]
    assert number == 0 or all(number % one for one in larger)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (512, "512"),
        (KIB, "1K"),
        (1000, "1000"),
        (96 * KIB, "96K"),
        (MIB, "1M"),
        (GIB, "1024M"),
        (-KIB, "-1K"),
    ],
)
def test_sizes_are_shown_in_k_and_m(number: int, text: str) -> None:
    """KiB and MiB where they divide, else bytes."""
    assert values.size(number) == text


VALUES = {
    "number": (65536, "64K"),
    "true": (True, "on"),
    "false": (False, "off"),
    "text": ("b0", "b0"),
    "empty": ("", ""),
    "enum": (SyncMode.FULL, "full"),
    "path": ("/dev/shm/mirror-x1/disk.qcow2", "disk.qcow2"),
    "list": (["b0", 1024], "b0,1K"),
    "object": ({"driver": "file", "size": 512, "deep": {"on": True}}, "{driver=file size=512 deep={on=on}}"),
}


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_a_value_is_shown_without_accidents(value: object, text: str) -> None:
    """Sizes are counted, folders cut off, flags are words, objects stay on one line."""
    assert values.words("command", {"name": value}) == f"command name={text}"


def test_arguments_stand_in_the_order_sent() -> None:
    """The order of arguments is part of what was said."""
    assert values.words("c", {"b": 1, "a": 2}) == "c b=1 a=2"
    assert values.words("c", {}) == "c"


def test_each_normaliser_is_named_once_and_has_a_reason() -> None:
    """Nothing is rewritten without saying why."""
    assert len({one.name for one in TABLE}) == len(TABLE)
    assert all(one.reason for one in TABLE)


def test_the_document_has_the_table() -> None:
    """docs/normalisers.md names each normaliser with its reason, and those that only shared behaviours use apart."""
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    first, second = (at + 2 for at, line in enumerate(rows) if line.startswith("| normaliser"))
    assert rows[first : second - 2] == [f"| {one.name} | {one.reason} |" for one in TABLE if not one.is_shared]
    assert rows[second:] == [f"| {one.name} | {one.reason} |" for one in TABLE if one.is_shared]
