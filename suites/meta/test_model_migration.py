"""The model of a migration: what a destination has of the bitmaps, and what the source is left with."""

from __future__ import annotations

import pytest

from fixtures.bench import Rehearsal
from fixtures.model.refusal import Refusal
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.events import JobEvent
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Arrive,
    BitmapAlias,
    CancelMigration,
    DisableBitmap,
    Listen,
    MapBitmaps,
    Migrate,
    NodeAlias,
    Restart,
    Resume,
    SetCapabilities,
    ShareImage,
    SwitchOver,
    Write,
)

CAPABILITIES = ("events", "dirty-bitmaps")
SEGMENT = 64 * KIB


@pytest.fixture
def here() -> Rehearsal:
    """Give a source whose persistent b0 and disabled b1 have the first segment dirty, and a destination."""
    one = Rehearsal(Dialect.V3)
    one.do(AddImage("source", MIB), AddBitmap("b0", SEGMENT, persistent=True), AddBitmap("b1", SEGMENT))
    one.do(Write(0, 512, Fill(1)), DisableBitmap("b1"), SetCapabilities(CAPABILITIES))
    one.destination.do(Listen())
    return one


def _names(bench: Rehearsal) -> set[str]:
    return set(bench.state.bitmaps_on("source"))


def test_what_comes_is_a_copy(here: Rehearsal) -> None:
    """Bits and flags come; what is written there is not known here."""
    here.destination.do(AddImage("source", MIB))
    here.do(Migrate())
    here.destination.do(Arrive(), Write(SEGMENT, 512, Fill(2)))
    arrived, left = (one.state.bitmaps_on("source") for one in (here.destination, here))
    assert [arrived["b0"].dirty, arrived["b1"].dirty, left["b0"].dirty] == [{0, 1}, {0}, {0}]
    assert (arrived["b0"].persistent, arrived["b1"].enabled, left["b0"].busy) == (True, False, False)


def test_without_the_capability_only_what_a_shared_image_stores_comes(here: Rehearsal) -> None:
    """The source stores what persists, drops it and has it again once it goes on."""
    here.state.migration.capabilities = frozenset({"events"})
    here.destination.do(ShareImage())
    here.do(Migrate())
    assert (_names(here), _names(here.destination)) == ({"b1"}, {"b0"})
    assert here.state.graph.inactive == {"source"}
    here.do(Resume())
    assert (_names(here), here.state.graph.inactive) == ({"b0", "b1"}, set())


def test_a_bitmap_is_busy_until_the_switch_over(here: Rehearsal) -> None:
    """It is free again, however that ends; a migration that is cancelled changes nothing."""
    here.destination.do(AddImage("source", MIB))
    here.do(SetCapabilities(("pause-before-switchover",)), Migrate())
    assert here.state.bitmaps_on("source")["b0"].busy
    assert here.world.apply(CancelMigration()) == {"migration": (JobEvent("cancelled"),)}
    assert not here.state.bitmaps_on("source")["b0"].busy
    assert here.destination.state.migration.fatal == ""
    here.do(Restart())
    assert _names(here) == {"b0"}


def test_the_switch_over_completes(here: Rehearsal) -> None:
    """What was held before it goes on."""
    here.destination.do(AddImage("source", MIB))
    here.do(SetCapabilities(("pause-before-switchover",)), Migrate(), SwitchOver())
    assert _names(here.destination) == {"b0", "b1"}


def test_a_bitmap_that_exists_is_fatal_there(here: Rehearsal) -> None:
    """Nothing is given away then."""
    here.destination.do(AddImage("source", MIB), AddBitmap("b1"))
    assert here.world.apply(Migrate()) == {"migration": (JobEvent("failed"),)}
    assert (here.state.graph.inactive, _names(here)) == (set(), {"b0", "b1"})
    assert "'b1'" in (here.destination.state.migration.fatal or "")


@pytest.mark.parametrize(
    ("there", "says"),
    [
        (NodeAlias("source", "y", (BitmapAlias("b0", "a"),)), "Error: Unknown node alias 'x'"),
        (NodeAlias("no", "x", (BitmapAlias("b0", "a"),)), "Cannot find device='' nor node-name='no'"),
        (
            NodeAlias("source", "x", (BitmapAlias("b0", "z"),)),
            "Error: Unknown bitmap alias 'a' on node 'source' (alias 'x')",
        ),
    ],
)
def test_unknown_aliases_drop_all_bitmaps(here: Rehearsal, there: NodeAlias, says: str) -> None:
    """The guest comes, and the destination says why its bitmaps do not."""
    here.do(MapBitmaps((NodeAlias("source", "x", (BitmapAlias("b1", "b"), BitmapAlias("b0", "a"))),)))
    here.destination.do(AddImage("source", MIB), MapBitmaps((there,)))
    here.do(Migrate())
    assert (_names(here.destination), len(here.destination.state.complaints)) == (set(), 1)
    assert says in here.destination.state.complaints or "'b'" in here.destination.state.complaints[0]


def test_aliases_rename_and_make_persistent(here: Rehearsal) -> None:
    """The transform of the source counts unless the destination has one."""
    here.do(MapBitmaps((NodeAlias("source", "x", (BitmapAlias("b1", "a", persistent=True),)),)))
    here.destination.do(AddImage("disk", MIB), MapBitmaps((NodeAlias("disk", "x", (BitmapAlias("b7", "a"),)),)))
    here.do(Migrate())
    assert here.destination.state.bitmaps_on("disk")["b7"].persistent


def test_a_wrong_mapping_is_refused(here: Rehearsal) -> None:
    """The mapping stays as it was."""
    twice = (NodeAlias("source", "x", ()), NodeAlias("source", "y", ()))
    with pytest.raises(Refusal, match="The node name 'source' is mapped twice"):
        here.world.apply(MapBitmaps(twice))
    assert here.state.migration.mapping is None


def test_lines_of_the_destination_stand_behind_a_bar(here: Rehearsal) -> None:
    """The transcript of a story has both sides in their order."""
    here.destination.do(AddBitmap("b0"))
    assert str(here.transcript.lines[-2]) == "| -> block-dirty-bitmap-add node=source name=b0"
