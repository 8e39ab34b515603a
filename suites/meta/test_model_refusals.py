"""What a mirror and the bitmap commands refuse, text by text, and that a refusal changes nothing."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, strategies as st

from fixtures.model.refusal import Refusal
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    CancelJob,
    ClearBitmap,
    DisableBitmap,
    EnableBitmap,
    ExportBitmap,
    MergeBitmaps,
    RemoveBitmap,
    StartMirror,
    Step,
    Write,
)

DIALECTS = (Dialect.STOCK, Dialect.V2, Dialect.V3)
NO_MEMBER = "Parameter 'bitmap' is unexpected"
CLUSTERS = "Bitmap granularity 32768 is not a multiple of the target image's cluster size 65536"
MISSING, IN_USE = "Dirty bitmap '{}' not found", "Bitmap 'busy' is currently in use by another operation"
BITMAPS = ("b0", "small", "busy", "fixed", "broken", "off")


def make_world(dialect: Dialect) -> World:
    """Return a source over a base, targets of each kind, a bitmap in each state, all with something in them."""
    base = Image(MIB, 64 * KIB)
    images = {"base": base, "source": Image(MIB, 64 * KIB, base), "over": Image(MIB, 64 * KIB, base)}
    images |= {"target": Image(MIB, 64 * KIB), "raw": Image(MIB)}
    made = {name: Bitmap(name, MIB, 64 * KIB) for name in BITMAPS}
    made["small"].granularity = 32 * KIB
    made["busy"].busy = made["fixed"].readonly = made["broken"].inconsistent = True
    made["off"].enabled = False
    world = World(State(dialect, images, {"source": made}, smallest_granularity=1))
    world.apply(Write(0, 70 * KIB, Fill(1)))
    return world


@dataclass(frozen=True)
class Attempted:
    """Arguments of a mirror beside a default and the texts that refuse them; None: it starts."""

    sync: SyncMode = SyncMode.FULL
    bitmap: str | None = None
    granularity: int | None = None
    target: str = "target"
    filter_node: str | None = "filter"
    speed: int | None = None
    texts: tuple[str | None, str | None, str | None] = (None, None, None)

    def step(self) -> StartMirror:
        """Return the step."""
        return StartMirror(
            "job",
            self.target,
            sync=self.sync,
            bitmap=self.bitmap,
            granularity=self.granularity,
            filter_node=self.filter_node,
            speed=self.speed,
        )


def feature(text: str | None, v3: str | None = None) -> tuple[str | None, str | None, str | None]:
    """Return the texts of a mirror that gives a bitmap, which a stock QEMU does not know; v3 may differ."""
    return NO_MEMBER, text, v3 or text


def backup_only(sync: str) -> tuple[str | None, str | None, str | None]:
    """Return the texts of a sync mode that mirror never had, in the job or in the schema."""
    schema = f"Parameter 'sync' does not accept value '{sync}'"
    return f"Sync mode '{sync}' not supported", schema, schema


BOTH = feature("Granularity and bitmap cannot both be set")
RANGE = ("Parameter 'granularity' expects a value in range [512B, 64MB]",) * 3
POWER = ("Parameter 'granularity' expects a power of 2",) * 3
HELD = feature(f"{IN_USE} and cannot be used")
READ_ONLY = feature("Bitmap 'fixed' is readonly and cannot be modified")
OFF = (NO_MEMBER, None, "Bitmap 'off' is not enabled")
DIFF = feature(CLUSTERS, f"{CLUSTERS} and the target image has no backing file")

TABLE = {
    "plain": Attempted(),
    "bitmap": Attempted(bitmap="b0", texts=feature(None)),
    "top": Attempted(SyncMode.TOP, "b0", texts=feature("Sync mode 'top' not supported with bitmap.")),
    "none": Attempted(SyncMode.NONE, "b0", texts=feature("Sync mode 'none' not supported with bitmap.")),
    "sync-bitmap": Attempted(SyncMode.BITMAP, texts=backup_only("bitmap")),
    "sync-incremental": Attempted(SyncMode.INCREMENTAL, texts=backup_only("incremental")),
    "granularity-and-bitmap": Attempted(bitmap="b0", granularity=64 * KIB, texts=BOTH),
    "granularity-zero": Attempted(bitmap="b0", granularity=0, texts=feature(None)),
    "granularity-511": Attempted(granularity=511, texts=RANGE),
    "granularity-512": Attempted(granularity=512),
    "granularity-64M": Attempted(granularity=64 * MIB),
    "granularity-above": Attempted(granularity=64 * MIB + 1, texts=RANGE),
    "granularity-odd": Attempted(granularity=1000, texts=POWER),
    "unknown": Attempted(bitmap="nosuch", texts=feature(MISSING.format("nosuch"))),
    "empty-name": Attempted(bitmap="", texts=feature(MISSING.format(""))),
    "busy": Attempted(bitmap="busy", texts=HELD),
    "inconsistent": Attempted(bitmap="broken", texts=feature("Bitmap 'broken' is inconsistent and cannot be used")),
    "read-only": Attempted(bitmap="fixed", texts=READ_ONLY),
    "disabled": Attempted(bitmap="off", texts=OFF),
    "small-diff-image": Attempted(bitmap="small", texts=DIFF),
    "small-over-backing": Attempted(bitmap="small", target="over", texts=(NO_MEMBER, CLUSTERS, None)),
    "small-raw": Attempted(bitmap="small", target="raw", texts=feature(None)),
    "bad-filter": Attempted(filter_node="a b", texts=("Invalid node-name: 'a b'",) * 3),
    "taken-filter": Attempted(filter_node="raw", texts=("Duplicate nodes with node-name='raw'",) * 3),
    "negative-speed": Attempted(speed=-1, texts=("Parameter 'speed' expects a non-negative value",) * 3),
    # which of two reasons is given
    "sync-before-granularity": Attempted(
        SyncMode.NONE, "b0", 64 * KIB, texts=feature("Sync mode 'none' not supported with bitmap.")
    ),
    "granularity-before-name": Attempted(bitmap="nosuch", granularity=64 * KIB, texts=BOTH),
    "name-before-filter": Attempted(bitmap="nosuch", filter_node="raw", texts=feature(MISSING.format("nosuch"))),
}


def refusal_of(world: World, step: Step) -> str | None:
    """Return the text that refuses a step, which then left the world alone, or None."""
    before = copy.deepcopy(world)
    try:
        world.apply(step)
    except Refusal as refused:
        assert world == before
        return refused.text
    return None


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_mirror_is_refused_with_its_text(row: Attempted, dialect: Dialect) -> None:
    """Each bad argument has its text in each dialect, and good ones start a job."""
    world = make_world(dialect)
    expected = row.texts[DIALECTS.index(dialect)]
    assert refusal_of(world, row.step()) == expected
    assert bool(world.state.active_jobs()) == (expected is None)


@pytest.mark.parametrize("dialect", [Dialect.V2, Dialect.V3])
@pytest.mark.parametrize("command", MirrorCommand)
def test_without_a_backing_file_top_is_full_for_drive_mirror(command: MirrorCommand, dialect: Dialect) -> None:
    """A source that is all there is may be mirrored with sync=top and a bitmap by drive-mirror, which makes it full."""
    world = make_world(dialect)
    world.state.images["source"].backing = None
    refused = None if command.is_drive else "Sync mode 'top' not supported with bitmap."
    assert refusal_of(world, replace(TABLE["top"].step(), command=command)) == refused


@pytest.mark.parametrize("dialect", [Dialect.V2, Dialect.V3])
@pytest.mark.parametrize("state", ["busy", "readonly", "inconsistent"])
def test_the_cluster_size_is_told_before_the_state(state: str, dialect: Dialect) -> None:
    """A bitmap that is too fine and must be left alone is too fine."""
    world = make_world(dialect)
    setattr(world.state.bitmaps_on("source")["small"], state, True)
    assert refusal_of(world, TABLE["small-diff-image"].step()) == DIFF[DIALECTS.index(dialect)]


def test_a_job_id_is_taken_until_the_job_is_dismissed() -> None:
    """A second job of the same name is refused while the first is listed."""
    world = make_world(Dialect.V3)
    world.apply(StartMirror("job", "target", auto_dismiss=False))
    world.apply(CancelJob("job"))
    second = StartMirror("job", "raw", filter_node=None)
    assert refusal_of(world, second) == "Job ID 'job' already in use"


def test_a_source_is_mirrored_once_at_a_time() -> None:
    """The source of a running mirror is no root node, which is noticed before anything else about a second one."""
    world = make_world(Dialect.V3)
    world.apply(StartMirror("job", "target"))
    assert refusal_of(world, StartMirror("job", "raw", bitmap="nosuch")) == "Need a root block node"


NAMES = st.sampled_from((*BITMAPS, "nosuch", ""))
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(AddBitmap, NAMES),
    st.builds(MergeBitmaps, NAMES, st.lists(NAMES, max_size=3).map(tuple)),
    *(st.builds(kind, NAMES) for kind in (ClearBitmap, DisableBitmap, EnableBitmap, ExportBitmap, RemoveBitmap)),
    st.sampled_from([row.step() for row in TABLE.values()]),
)


@given(st.sampled_from(DIALECTS), st.lists(STEPS, max_size=6))
def test_a_refusal_changes_nothing(dialect: Dialect, steps: list[Step]) -> None:
    """Whatever was done before, a step that is refused leaves images, bitmaps and jobs as they were."""
    world = make_world(dialect)
    for step in steps:
        text = refusal_of(world, step)
        assert text is None or text
