"""Backup's bitmap sync modes as a mirror's caller obtains them, and how the first such mirror fails."""

from __future__ import annotations

from enum import StrEnum


class BitmapSync(StrEnum):
    """Backup's bitmap sync modes, which a mirror's caller obtains by copying bitmaps around (docs/feature.md)."""

    NEVER = "never"
    ON_SUCCESS = "on-success"
    ALWAYS = "always"


class FirstFailure(StrEnum):
    """How the port's first incremental mirror fails."""

    NONE = "none"
    SIMULATED = "simulated"  # cancelled at the last moment, when all is copied
    INTERMEDIATE = "intermediate"  # a read error half way
