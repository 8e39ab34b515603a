"""Transactions of the model: all or nothing, and bitmaps of several nodes."""

from __future__ import annotations

import copy
import re

import pytest
from hypothesis import given, strategies as st

from fixtures.model.refusal import Refusal
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import (
    Abort,
    AddBitmap,
    BitmapAt,
    BitmapCommand,
    ClearBitmap,
    DisableBitmap,
    EnableBitmap,
    MergeBitmaps,
    RemoveBitmap,
    StartMirror,
    TakeSnapshot,
    Transaction,
    Write,
)

NAMES, NODES = st.sampled_from(["b0", "b1", "new", "nosuch", ""]), st.sampled_from(["source", "other", "nosuch"])
SOURCES = st.lists(NAMES | st.builds(BitmapAt, NODES, NAMES), max_size=3).map(tuple)
ACTIONS: st.SearchStrategy[BitmapCommand] = st.one_of(
    st.builds(AddBitmap, NAMES, node=NODES),
    st.builds(MergeBitmaps, NAMES, SOURCES, NODES),
    *(st.builds(kind, NAMES, NODES) for kind in (RemoveBitmap, ClearBitmap, EnableBitmap, DisableBitmap)),
)


def make_world() -> World:
    """Return two disks with bitmaps, and a job that works with one of them."""
    world = World(
        State(Dialect.V3, {name: Image(100) for name in ("source", "other", "target")}, smallest_granularity=1)
    )
    for step in (AddBitmap("b0", 8), AddBitmap("b1", 16), AddBitmap("used", 16), AddBitmap("b0", 8, node="other")):
        world.apply(step)
    for write in (Write(0, 9, Fill(1)), Write(50, 9, Fill(1), at="other")):
        world.apply(write)
    world.apply(StartMirror("job", "target", bitmap="used"))
    return world


@given(st.lists(ACTIONS, max_size=5))
def test_an_aborted_transaction_changes_nothing(actions: list[BitmapCommand]) -> None:
    """Whatever is done before an abort, all bitmaps are as before; a job still holds its own."""
    world = make_world()
    before = copy.deepcopy(world.state.all_bitmaps())
    with pytest.raises(Refusal):
        world.apply(Transaction((*actions, Abort())))
    assert world.state.all_bitmaps() == before
    assert world.state.jobs["job"].bitmap is world.state.bitmaps_on("source")["used"]


@given(st.lists(ACTIONS, max_size=5))
def test_a_transaction_is_its_actions(actions: list[BitmapCommand]) -> None:
    """If no action fails, the outcome is that of the commands one behind the other."""
    world, other = make_world(), make_world()
    try:
        world.apply(Transaction(tuple(actions)))
    except Refusal:
        return
    for action in actions:
        other.apply(action)
    assert world.state.all_bitmaps() == other.state.all_bitmaps()


def test_writes_dirty_the_bitmaps_of_their_node() -> None:
    """A write to one disk is not recorded on another."""
    world = make_world()
    assert world.state.bitmaps_on("source")["b0"].dirty == {0, 1}
    assert world.state.bitmaps_on("other")["b0"].dirty == {6, 7}


@pytest.mark.parametrize("action", [ClearBitmap("b0"), AddBitmap("b0"), MergeBitmaps("b1", ("b0",))], ids=repr)
def test_what_a_transaction_removes_is_held_until_it_ends(action: BitmapCommand) -> None:
    """A bitmap that was removed before in the same transaction cannot be used, nor its name."""
    with pytest.raises(Refusal, match=r"in use by another operation|already exists"):
        make_world().apply(Transaction((RemoveBitmap("b0"), action)))


LAID = (TakeSnapshot("other"), AddBitmap("new", 512, node="other"), RemoveBitmap("b1"))


@pytest.mark.parametrize(
    ("last", "text"),
    [
        (Abort(), "Transaction aborted using Abort action"),
        (TakeSnapshot("other", "spare"), "The overlay is already in use"),
        (TakeSnapshot("spare", "source"), "Node 'source' is busy: node is used as backing hd of 'other'"),
        (TakeSnapshot("layered", "other"), "The overlay already has a backing image"),
        (TakeSnapshot("nosuch", "spare"), "Cannot find device='nosuch' nor node-name='nosuch'"),
    ],
)
def test_a_snapshot_is_undone(last: Abort | TakeSnapshot, text: str) -> None:
    """The drive has its disk back, which can be written, has its bitmaps and nothing over it."""
    world = World(State(Dialect.V3, {name: Image(100, 10) for name in ("source", "other", "spare", "low")}))
    world.state.images["layered"] = Image(100, 10, world.state.images["low"])
    world.state.graph.drives["guest"] = "source"
    world.apply(AddBitmap("b1", 512, persistent=True))
    before = copy.deepcopy(world.state)
    with pytest.raises(Refusal, match=re.escape(text)):
        world.apply(Transaction((*LAID, last)))
    state = world.state
    assert (state.graph, state.images, state.all_bitmaps()) == (before.graph, before.images, before.all_bitmaps())
    world.apply(Transaction((TakeSnapshot("other"), RemoveBitmap("b1"))))
    assert (world.state.graph.drives, world.state.graph.read_only) == ({"guest": "other"}, {"source"})
    assert not world.state.bitmaps_on("source")
