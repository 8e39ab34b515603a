"""One combination of all axes: a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fixtures.vocabulary.enums import BitmapMode, CopyMode, Discard, MirrorCommand, SyncMode
from suites.parameters.covering import Combination
from suites.parameters.layouts import Layout
from suites.product.axes import (
    Amount,
    BitmapOperation,
    Buffer,
    Care,
    DiskSize,
    Ending,
    Held,
    Hindrance,
    JobMoment,
    Mode,
    Opening,
    SourceKind,
    Speed,
    TargetKind,
    WriteShape,
)
from suites.product.conditions import segment
from suites.product.granularity import Granularity


@dataclass(frozen=True)
class ProductCase(Combination):
    """A mirror of a disk, a bitmap, and what is done to it when.

    ``used``: the job is given the bitmap. ``hindrance``: why it may not use it. ``care``: which commands it waits for
    at its end. ``discard``: what the source does with discards. ``amount``: what is dirty at the start; ``written``: a
    write of it. ``late``: the write during the job. ``persistent``: the bitmap is. ``layout``: the source's.
    ``held``: what is in flight at the moment.
    """

    sync: SyncMode
    copy_mode: CopyMode
    granularity: Granularity
    operation: BitmapOperation
    moment: JobMoment
    command: MirrorCommand
    used: bool
    hindrance: Hindrance
    ending: Ending
    care: Care
    amount: Amount
    written: WriteShape
    late: WriteShape
    target: TargetKind
    source: SourceKind
    layout: Layout
    target_layout: Layout
    opening: Opening
    size: DiskSize
    discard: Discard
    persistent: bool
    buffer: Buffer
    speed: Speed
    held: Held

    @property
    def segment(self) -> int:
        """Return the bytes of a segment of the bitmap."""
        return segment(self.granularity, self.source)

    @property
    def bitmap_mode(self) -> BitmapMode | None:
        """Return the argument of dialect v1; None for none given."""
        return None


@dataclass(frozen=True)
class ModeCase(ProductCase):
    """One of dialect v1, which has ``mode`` as a further axis."""

    mode: Mode

    @property
    def bitmap_mode(self) -> BitmapMode | None:
        """Return the argument of dialect v1; None for none given."""
        return self.mode.given


AXES: Mapping[str, Sequence[object]] = {
    "sync": list(SyncMode),
    "copy_mode": list(CopyMode),
    "granularity": list(Granularity),
    "operation": list(BitmapOperation),
    "moment": list(JobMoment),
    "command": list(MirrorCommand),
    "used": [True, False],
    "hindrance": list(Hindrance),
    "source": list(SourceKind),
    "target": list(TargetKind),
    "layout": list(Layout),
    "target_layout": list(Layout),
    "opening": list(Opening),
    "ending": list(Ending),
    "size": list(DiskSize),
    "amount": list(Amount),
    "late": list(WriteShape),
    "written": list(WriteShape),
    "discard": list(Discard),
    "persistent": [True, False],
    "care": list(Care),
    "buffer": list(Buffer),
    "speed": list(Speed),
    "held": list(Held),
}
"""All values of all axes; those that restrict others come first."""
MODE_AXES: Mapping[str, Sequence[object]] = {"sync": AXES["sync"], "mode": list(Mode), **AXES}
"""Those of dialect v1."""
