"""Writes at full speed while a mirror begins, changes its mode and ends: stories of chance, each with its seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    AwaitReplies,
    AwaitSynced,
    CancelJob,
    ChangeCopyMode,
    CompleteJob,
    ConnectGuest,
    Flood,
    IoKind,
    StartMirror,
    Write,
)
from suites.pressure.scene import both_bitmaps, changeable

SIZE = 3 * MIB + 512
SEEDS = [
    pytest.param(seed, id=f"seed{seed}", marks=[pytest.mark.thorough] * (seed >= 4) + [pytest.mark.deep] * (seed >= 12))
    for seed in range(200)
]
ENDINGS: list[CompleteJob | CancelJob] = [CompleteJob("job"), CancelJob("job"), CancelJob("job", force=True)]


@dataclass
class Chance:
    """The choices of one story."""

    dice: random.Random
    tag: int = 0

    def writes(self, count: int, at: str = "source") -> Iterator[Write]:
        """Yield requests of any alignment; each has data of its own."""
        for _ in range(count):
            self.tag += 1
            unit = self.dice.choice([1, 512, 4 * KIB])
            length = self.dice.randint(1, 16) * unit
            offset = self.dice.randrange(0, SIZE - length) // unit * unit
            kind = self.dice.choice([IoKind.WRITE, IoKind.WRITE, IoKind.ZEROES])
            yield Write(
                offset, length, Positional(self.tag % 50) if kind is IoKind.WRITE else Write(0, 0).pattern, kind, at
            )

    def granularity(self, cluster: int) -> int:
        """Return a segment's size that every dialect accepts for a target of such clusters."""
        return self.dice.choice([size for size in (4 * KIB, 32 * KIB, 64 * KIB, MIB) if size >= cluster])


@changeable
@both_bitmaps
@pytest.mark.parametrize("seed", SEEDS)
def test_story(bench: Bench, bitmap: str | None, seed: int) -> None:
    """However the guest writes meanwhile, the copy is identical and the bitmap clean (M-80, M-81, M-85 to M-87)."""
    chance = Chance(random.Random(seed))
    dice = chance.dice
    image_format = dice.choice([Format.QCOW2, Format.RAW])
    cluster = dice.choice([4 * KIB, 64 * KIB, 512 * KIB]) if image_format is Format.QCOW2 else 0
    granularity = chance.granularity(cluster)
    bench.do(AddImage("source", SIZE, dice.choice(list(Format))))
    bench.do(AddImage("target", SIZE, image_format, cluster))
    bench.do(AddBitmap("b0", granularity))
    bench.do(ConnectGuest())
    bench.do(Flood(tuple(chance.writes(150))))
    copy_mode = dice.choice(list(CopyMode))
    own = None if bitmap else granularity
    bench.do(StartMirror("job", "target", bitmap=bitmap, granularity=own, copy_mode=copy_mode))
    bench.do(Flood(tuple(chance.writes(100, "filter"))))
    bench.do(ChangeCopyMode("job", CopyMode.WRITE_BLOCKING))
    bench.do(Flood(tuple(chance.writes(100, "filter"))))
    bench.do(AwaitReplies())
    bench.do(AwaitSynced("job"))
    bench.observe("b0")
    bench.do(dice.choice(ENDINGS))
    bench.observe("b0")
    bench.finish("writes at full speed")
