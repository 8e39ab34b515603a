"""The granularities of the product: those of bitmaps, those of mirrors, and what must be refused."""

from __future__ import annotations

from enum import StrEnum

from fixtures.vocabulary.sizes import GIB, KIB, MIB


class Granularity(StrEnum):
    """Bytes of a segment: every one that a mirror takes, the default, and what must be refused."""

    DEFAULT = "default"
    B512 = "512"
    K1 = "1K"
    K2 = "2K"
    K4 = "4K"
    K8 = "8K"
    K16 = "16K"
    K32 = "32K"
    K64 = "64K"
    K128 = "128K"
    K256 = "256K"
    K512 = "512K"
    M1 = "1M"
    M2 = "2M"
    M4 = "4M"
    M8 = "8M"
    M16 = "16M"
    M32 = "32M"
    M64 = "64M"
    ZERO = "zero"
    BAD_256 = "256"
    BAD_513 = "513"
    BAD_768 = "768"
    BAD_1000 = "1000"
    BAD_128M = "128M"
    BAD_2G = "2G"
    NEGATIVE = "negative"

    @property
    def bytes(self) -> int | None:
        """Return the argument in bytes; None where it is not given."""
        match self:
            case Granularity.DEFAULT:
                return None
            case Granularity.ZERO:
                return 0
            case Granularity.NEGATIVE:
                return -1
        units = {"K": KIB, "M": MIB, "G": GIB}
        return int(self[:-1]) * units[self[-1]] if self[-1] in units else int(self)

    @property
    def is_of_bitmap(self) -> bool:
        """Return whether a bitmap takes it; a mirror may find it too coarse."""
        return self.is_good or self.is_coarse

    @property
    def is_coarse(self) -> bool:
        """Return whether it is good for a bitmap, but not for a mirror."""
        return self in (Granularity.BAD_128M, Granularity.BAD_2G)

    @property
    def is_good(self) -> bool:
        """Return whether both a bitmap and a mirror take it."""
        return self not in _BAD_GRANULARITIES


_BAD_GRANULARITIES = frozenset(
    {
        Granularity.ZERO,
        Granularity.BAD_256,
        Granularity.BAD_513,
        Granularity.BAD_768,
        Granularity.BAD_1000,
        Granularity.BAD_128M,
        Granularity.BAD_2G,
        Granularity.NEGATIVE,
    }
)
