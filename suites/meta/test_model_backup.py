"""Backups of the model: the disk at the start, what a bitmap keeps, what a group does; the goldens of suites/backup."""

from __future__ import annotations

import functools
from dataclasses import fields

import pytest
from hypothesis import given, strategies as st

from fixtures.bench import Rehearsal
from fixtures.host.folders import GOLDEN
from fixtures.model.refusal import Refusal
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import BitmapMode, Dialect, SyncMode
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.reasons import Reason
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    Abort,
    AddBitmap,
    CancelJob,
    ClearBitmap,
    SetSpeed,
    StartBackup,
    Transaction,
    Write,
)
from suites.backup import story
from suites.backup.case import FULL, FURTHER, BackupCase, backup_cases, is_valid, quick_cases, quick_pairs, valid_pairs
from suites.parameters.covering import pairs_of

CLUSTER = 64 * KIB
SIZE = 8 * CLUSTER - 512
MODES = st.sampled_from(BitmapMode)
ENDINGS = st.sampled_from(["success", "cancel", "error"])
WRITES = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(1, 2 * CLUSTER)), max_size=4)


def _data(image: Image) -> bytes:
    return b"".join(pattern.data(low, high) for low, high, pattern in image.read(0, image.size))


def _world(*nodes: str) -> World:
    return World(State(Dialect.STOCK, {node: Image(SIZE, CLUSTER) for node in ("source", "target", *nodes)}))


def _slow(**options: object) -> StartBackup:
    """Return a backup that copies one cluster and waits."""
    return StartBackup("job", "target", speed=1, max_workers=1, max_chunk=CLUSTER, **options)  # type: ignore[arg-type]


def _write(world: World, at: str, spans: list[tuple[int, int]], byte: int) -> None:
    for start, length in spans:
        world.apply(Write(start, min(length, SIZE - start), Fill(byte), at=at))


@given(MODES, ENDINGS, WRITES, WRITES, st.sampled_from([512, CLUSTER, 4 * CLUSTER]))
def test_nothing_is_lost(
    mode: BitmapMode, ending: str, old: list[tuple[int, int]], new: list[tuple[int, int]], granularity: int
) -> None:
    """What the target lacks of the disk as it is now is dirty in the bitmap, however the backup ends."""
    world = _world()
    world.apply(AddBitmap("b0", granularity))
    _write(world, "source", old, 0x11)
    world.apply(_slow(sync=SyncMode.BITMAP, bitmap="b0", bitmap_mode=mode))
    _write(world, "filter", new, 0x22)
    if ending == "error":
        world.state.fault = Fault(Place.READ, offset=2 * CLUSTER)
    world.apply(CancelJob("job") if ending == "cancel" else SetSpeed("job", 0))
    bitmap, images = world.state.bitmaps_on("source")["b0"], world.state.images
    now, then = _data(images["source"]), _data(images["target"])
    clean = (span for span in map(bitmap.span, bitmap.segments(0, SIZE)) if span[0] // granularity not in bitmap.dirty)
    assert all(now[start:end] == then[start:end] for start, end in clean)
    assert not bitmap.busy


@pytest.mark.parametrize("mode", [*BitmapMode, None])
def test_the_target_is_the_disk_at_the_start(mode: BitmapMode | None) -> None:
    """Writes during the job reach the source alone, wherever they are, and the bitmap alone records them."""
    world = _world()
    world.apply(AddBitmap("b0", CLUSTER))
    _write(world, "source", [(0, CLUSTER), (3 * CLUSTER, 100)], 0x11)
    before = _data(world.state.images["source"])
    used = mode if mode is not BitmapMode.NEVER else None
    world.apply(_slow(bitmap="b0" if used else None, bitmap_mode=used))
    _write(world, "filter", [(0, 512), (3 * CLUSTER, CLUSTER), (5 * CLUSTER, 1)], 0x22)
    assert world.state.bitmaps_on("source")["b0"].dirty == ({0, 3} if used else {0, 3, 5})
    world.apply(SetSpeed("job", 0))
    assert _data(world.state.images["target"]) == before


def test_jobs_of_a_group_end_together() -> None:
    """The failure of one cancels the other, and both bitmaps stay as they were."""
    world = _world("other", "copy")
    for node in ("source", "other"):
        world.apply(AddBitmap("b0", CLUSTER, node=node))
        world.apply(Write(0, CLUSTER, Fill(1), at=node))
    serial = {"sync": SyncMode.INCREMENTAL, "bitmap": "b0", "max_workers": 1, "max_chunk": CLUSTER}
    one = StartBackup("one", "target", filter_node=None, **serial)  # type: ignore[arg-type]
    two = StartBackup("two", "copy", device="other", filter_node=None, **serial)  # type: ignore[arg-type]
    world.state.fault = Fault(Place.READ, offset=0)
    events = world.apply(Transaction((one, two), grouped=True))
    assert [event.name for event in events["two"]][-4:] == ["aborting", "CANCELLED", "concluded", "null"]
    assert all(bitmap.dirty == {0} and not bitmap.busy for bitmap in world.state.all_bitmaps().values())


def test_a_transaction_that_fails_starts_no_backup() -> None:
    """All bitmaps are as before, and the job is gone."""
    world = _world()
    world.apply(AddBitmap("b0", CLUSTER))
    world.apply(Write(0, CLUSTER, Fill(1)))
    always = _slow(sync=SyncMode.BITMAP, bitmap="b0", bitmap_mode=BitmapMode.ALWAYS)
    with pytest.raises(Refusal) as refused:
        world.apply(Transaction((always, Abort())))
    assert [str(event) for event in refused.value.events_by_job["job"]] == ["created", "aborting", "concluded", "null"]
    assert not world.state.backups
    assert world.state.bitmaps_on("source")["b0"].dirty == {0}
    with pytest.raises(Refusal) as ungrouped:
        world.apply(Transaction((ClearBitmap("b0"),), grouped=True))
    assert ungrouped.value.cause.reason is Reason.UNGROUPED


def test_every_pair_of_values_occurs() -> None:
    """Any two axes meet in all their valid pairs, in the quick subset those that decide, and every value; every case is
    valid and has its own id."""
    pairs = {pair for case in backup_cases() for pair in pairs_of(case.row)}
    assert pairs <= valid_pairs()
    assert pairs & quick_pairs() <= {pair for case in quick_cases() for pair in pairs_of(case.row)}
    assert {value for case in backup_cases() for value in case.row.items()} == {
        value for case in quick_cases() for value in case.row.items()
    }
    assert all(is_valid(case.row) for case in backup_cases())
    assert len({case.id for case in backup_cases()}) == len(backup_cases())
    assert {*FULL, *FURTHER} == {one.name for one in fields(BackupCase)}


@functools.cache
def _behaviours() -> dict[str, str]:
    """Rehearse all cases; those with a behaviour of one name must read the same."""
    found: dict[str, str] = {}
    for case in backup_cases():
        text = story.run(Rehearsal(Dialect.STOCK), case)
        assert found.setdefault(case.behaviour, text) == text, case
    return found


def test_goldens_are_what_the_model_says() -> None:
    """Each behaviour has a golden with the text that the model predicts; no golden is an orphan."""
    written = {path.stem: path.read_text(encoding="utf-8") for path in (GOLDEN / "backup").glob("*.txt")}
    assert written == _behaviours()
