"""Names of bitmaps and nodes at their bounds, in every bitmap command."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    BitmapAt,
    BitmapCommand,
    ClearBitmap,
    DisableBitmap,
    EnableBitmap,
    MergeBitmaps,
    RemoveBitmap,
    Restart,
    Write,
)

LONGEST, TOO_LONG = "n" * 1023, "n" * 1024
COMMANDS: dict[str, type[RemoveBitmap | ClearBitmap | EnableBitmap | DisableBitmap]] = {
    "remove": RemoveBitmap,
    "clear": ClearBitmap,
    "enable": EnableBitmap,
    "disable": DisableBitmap,
}


def _refused(bench: Bench, *steps: BitmapCommand) -> None:
    """Give each step, which the model refuses, and see each time that nothing has changed."""
    for step in steps:
        bench.do(step)
        bench.observe()


@pytest.mark.parametrize("persistent", [False, True], ids=["transient", "persistent"])
def test_longest_name(bench: Bench, golden: SnapshotAssertion, persistent: bool) -> None:
    """A name of 1023 letters serves in every command, one of 1024 is too long (B-04, R-B3)."""
    bench.do(AddImage("source"))
    bench.do(AddBitmap(LONGEST, 64 * KIB, persistent=persistent), AddBitmap("b0", 64 * KIB))
    _refused(bench, AddBitmap(TOO_LONG, persistent=persistent))
    bench.do(Write(0, 1, Fill(0x11)))
    bench.do(DisableBitmap(LONGEST), EnableBitmap(LONGEST), MergeBitmaps("b0", (LONGEST,)), ClearBitmap(LONGEST))
    bench.observe(LONGEST, "b0")
    bench.do(RemoveBitmap(LONGEST))
    bench.observe()
    assert bench.finish("the longest name and one letter more") == golden


def test_longest_name_is_loaded(bench: Bench, golden: SnapshotAssertion) -> None:
    """A persistent bitmap with the longest name is there again after a restart (B-04, B-60)."""
    bench.do(AddImage("source"))
    bench.do(AddBitmap(LONGEST, 64 * KIB, persistent=True), Write(0, 1, Fill(0x11)))
    bench.do(Restart())
    _refused(bench, AddBitmap(LONGEST))
    bench.observe(LONGEST)
    assert bench.finish("the longest name, stored and loaded") == golden


def test_adding(bench: Bench, golden: SnapshotAssertion) -> None:
    """No bitmap comes to be with an empty name, a name that is taken, or on a node that is not (B-02, B-03, B-07)."""
    bench.do(AddImage("source"))
    bench.do(AddBitmap("b0", 64 * KIB), Write(0, 1, Fill(0x11)))
    _refused(bench, AddBitmap(""), AddBitmap("", node="nosuch"), AddBitmap("b0"), AddBitmap("b0", persistent=True))
    _refused(bench, AddBitmap("b1", node="nosuch"), AddBitmap("b1", node=""), AddBitmap("b1", 1000, node="nosuch"))
    bench.observe("b0")
    assert bench.finish("names that no new bitmap can have") == golden


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_unknown(
    bench: Bench, golden: SnapshotAssertion, command: type[RemoveBitmap | ClearBitmap | EnableBitmap | DisableBitmap]
) -> None:
    """An unknown or empty name of a bitmap or node is refused with its text, and changes nothing (B-07, B-38)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("other"))
    bench.do(AddBitmap("b0", 64 * KIB), AddBitmap("b1", 64 * KIB, node="other"), Write(0, 1, Fill(0x11)))
    _refused(bench, command("nosuch"), command(""), command("B0"), command("b1"), command(TOO_LONG))
    _refused(bench, command("b0", node="nosuch"), command("b0", node=""), command("b0", node="other"))
    bench.observe("b0")
    assert bench.finish("a bitmap or node that is not there") == golden


def test_same_name_on_two_nodes(bench: Bench, golden: SnapshotAssertion) -> None:
    """Bitmaps of one name on two nodes have nothing to do with each other (B-05, R-B2)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("other"))
    bench.do(AddBitmap("b0", 64 * KIB), AddBitmap("b0", 32 * KIB, node="other", persistent=True))
    bench.do(Write(0, 1, Fill(0x11)), Write(64 * KIB, 1, Fill(0x22), at="other"))
    bench.observe("b0", BitmapAt("other", "b0"))
    bench.do(DisableBitmap("b0"), ClearBitmap("b0", node="other"))
    bench.do(Write(128 * KIB, 1, Fill(0x33)), Write(128 * KIB, 1, Fill(0x44), at="other"))
    bench.observe("b0", BitmapAt("other", "b0"))
    bench.do(RemoveBitmap("b0"))
    bench.observe(BitmapAt("other", "b0"))
    bench.do(Restart())
    bench.observe(BitmapAt("other", "b0"))
    assert bench.finish("b0 of source and b0 of other") == golden
