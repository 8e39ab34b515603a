"""A chain of layers whose bitmaps of one name are a checkpoint, as libvirt keeps them: one in each layer since then."""

from __future__ import annotations

from itertools import pairwise

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, SyncMode
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddDrive,
    AddImage,
    BitmapAt,
    BitmapCommand,
    MergeBitmaps,
    OpenImage,
    RemoveBitmap,
    StartBackup,
    TakeSnapshot,
    Transaction,
    Write,
)

SIZE = 4 * MIB
SEGMENT = 64 * KIB
LAYERS = ("l0", "l1", "l2")


def begin(bench: Bench) -> None:
    """Give a guest a disk with data and a disk for a copy, of which no bitmap knows anything yet."""
    bench.do(AddImage("l0", SIZE), AddImage("copy", SIZE), AddDrive("guest", "l0"))
    write(bench, 1, 0)


def write(bench: Bench, number: int, *segments: int) -> None:
    """Write 1000 bytes into each segment."""
    bench.do(*[Write(at * SEGMENT + 700, 1000, Positional(number), at="guest") for at in segments])


def checkpoint(bench: Bench, name: str, node: str) -> None:
    """Start to record what is written from now on; a full backup to ``copy`` is of this point in time."""
    backup = StartBackup("backup", "copy", device=node)
    bench.do(Transaction((AddBitmap(name, SEGMENT, persistent=True, node=node), backup)))


def snapshot(bench: Bench, node: str, below: str, *names: str) -> None:
    """Lay a new layer over the active one; it records for each checkpoint."""
    bench.do(AddImage(node, SIZE, backing=below, opened=False), OpenImage(node))
    bench.do(*[AddBitmap(name, SEGMENT, persistent=True, node=node) for name in names])
    bench.do(TakeSnapshot(node, below))


def grown(bench: Bench, *names: str) -> None:
    """Build three layers, a checkpoint of each name taken in the lowest one, with writes in each layer."""
    begin(bench)
    for number, name in enumerate(names):
        checkpoint(bench, name, "l0")
        write(bench, 2 + number, 3 + number)
    for number, (below, node) in enumerate(pairwise(LAYERS)):
        snapshot(bench, node, below, *names)
        write(bench, 5 + number, 3, 10 + 2 * number)


def merged(name: str, into: str, layers: tuple[str, ...]) -> tuple[BitmapCommand, ...]:
    """Return the actions that make a bitmap of what was written since a checkpoint, to whichever layer."""
    sources = tuple(BitmapAt(layer, name) for layer in layers)
    return AddBitmap("sum", SEGMENT, disabled=True, node=into), MergeBitmaps("sum", sources, node=into)


def back_up(bench: Bench, name: str, layers: tuple[str, ...]) -> None:
    """Copy what was written since a checkpoint to the copy of that point in time."""
    active = layers[-1]
    bench.do(Transaction(merged(name, active, layers)))
    bench.observe(BitmapAt(active, "sum"))
    mode = BitmapMode.NEVER
    bench.do(StartBackup("backup", "copy", device=active, sync=SyncMode.BITMAP, bitmap="sum", bitmap_mode=mode))
    bench.do(RemoveBitmap("sum", node=active))


def observe(bench: Bench, *names: str) -> None:
    """Compare all, and show the bitmaps of checkpoints."""
    bench.observe(*(BitmapAt(layer, name) for layer in LAYERS for name in names))
