"""The story of QEMU's iotest bitmap-sync-mirror, retold: reference mirrors, incremental mirrors, a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, CopyMode
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    FinalizeJob,
    Inject,
    Quit,
    RemoveBitmap,
    StartMirror,
    Write,
)
from suites.parameters.bitmap_modes import FirstFailure, passed_for, settle

GRANULARITY = 64 * KIB
SIZE = 64 * MIB
MID_WAY = Fault(Place.READ, after=3)


def _group(*writes: tuple[int, int, int]) -> tuple[Write, ...]:
    return tuple(Write(offset, length, Fill(byte)) for byte, offset, length in writes)


_64K = 64 * KIB
GROUPS = (
    _group((0x49, 0, _64K), (0x6C, MIB, _64K), (0x6F, 32 * MIB, _64K), (0x76, SIZE - _64K, _64K)),
    _group(
        (0x65, 0, _64K),
        (0x77, MIB - 32 * KIB, _64K),
        (0x72, 32 * MIB + 32 * KIB, _64K),
        (0x69, SIZE - 2 * _64K, _64K),
    ),
    _group(
        (0x74, _64K, _64K),
        (0x69, MIB - 96 * KIB, _64K),
        (0x6E, 32 * MIB + 96 * KIB, _64K),
        (0x67, SIZE - 2 * _64K, 2 * _64K),
    ),
    _group(
        (0xAA, _64K, 3 * _64K),
        (0xBB, MIB - 160 * KIB, _64K),
        (0xCC, 32 * MIB + 160 * KIB, _64K),
        (0xDD, SIZE - 4 * _64K, _64K),
    ),
)


@dataclass(frozen=True)
class Variant:
    """How incremental mirrors are made: their targets' cluster size in bytes and backing file, the copy mode."""

    cluster: int = GRANULARITY
    backed: bool = False
    copy_mode: CopyMode | None = None


DIFF_IMAGES = Variant()
BACKED = Variant(cluster=128 * KIB, backed=True, copy_mode=CopyMode.WRITE_BLOCKING)


class Scenario:
    """The steps that the story is made of, for one bitmap sync mode and one kind of failure."""

    def __init__(self, bench: Bench, mode: BitmapMode, failure: FirstFailure, variant: Variant):
        self.bench = bench
        self.mode = mode
        self.failure = failure
        self.variant = variant

    def begin(self) -> None:
        """Give the disk its first content, copy it whole, and start tracking."""
        self.bench.do(AddImage("source", SIZE))
        self.bench.do(*GROUPS[0])
        self.reference(0)
        self.bench.do(AddBitmap("b0", GRANULARITY))
        self.bench.observe("b0")

    def reference(self, number: int) -> None:
        """Copy the whole disk to ``ref<number>`` and leave the disk where it is."""
        node = f"ref{number}"
        with self.bench.aside(f"full mirror of source to {node}"):
            if node not in self.bench.state.images:
                self.bench.do(AddImage(node, SIZE))
            self.bench.do(StartMirror("full", node), CancelJob("full"))

    def incremental(
        self, number: int, base: str, fails: FirstFailure = FirstFailure.NONE, during: Sequence[Write] = ()
    ) -> None:
        """Mirror to ``test<number>`` what b0 holds, the way backup's bitmap sync mode would treat b0."""
        target = f"test{number}"
        backing = base if self.variant.backed else None
        self.bench.do(AddImage(target, SIZE, cluster=self.variant.cluster, backing=backing))
        passed = passed_for(self.bench, self.mode)
        self._mirror(target, passed, fails, during)
        settle(self.bench, self.mode, passed, success=fails is FirstFailure.NONE)
        self.bench.observe("b0")

    def _mirror(self, target: str, bitmap: str, fails: FirstFailure, during: Sequence[Write]) -> None:
        start = StartMirror(
            "job",
            target,
            bitmap=bitmap,
            copy_mode=self.variant.copy_mode,
            buf_size=GRANULARITY if fails is FirstFailure.INTERMEDIATE else None,
            auto_finalize=False,
        )
        if fails is FirstFailure.INTERMEDIATE:
            self.bench.do(Inject(MID_WAY))
            self.bench.do(start)
            return
        self.bench.do(start)
        self.bench.observe(bitmap)
        self.bench.do(*during, CompleteJob("job"))
        self.bench.observe(bitmap)
        self.bench.do(CancelJob("job", force=True) if fails is FirstFailure.SIMULATED else FinalizeJob("job"))


def tell(story: Scenario) -> None:
    """Tell the whole story up to the exit of QEMU."""
    base = bases(story.mode, story.failure)
    story.begin()
    story.bench.do(*GROUPS[1])
    story.reference(1)
    story.incremental(1, base[1], fails=story.failure)
    story.incremental(2, base[2], during=[replace(write, at="filter") for write in GROUPS[2]])
    story.reference(2)  # not before it, as for a backup: what is written during a mirror belongs to its copy
    story.bench.do(*GROUPS[3])
    story.reference(3)
    story.incremental(3, base[3])
    story.bench.do(RemoveBitmap("b0"))
    story.bench.do(Quit())


def bases(mode: BitmapMode, failure: FirstFailure) -> tuple[str, str, str, str]:
    """Return for each incremental mirror the full one that its delta starts from."""
    failed = failure is not FirstFailure.NONE
    match mode:
        case BitmapMode.NEVER:
            return "", "ref0", "ref0", "ref0"
        case BitmapMode.ON_SUCCESS:
            return "", "ref0", "ref0" if failed else "ref1", "ref2"
    return "", "ref0", "ref1", "ref2"
