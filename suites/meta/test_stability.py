"""What must be stable: the model's rules, and what the suite's own disk with a volatile cache has in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.bench import Rehearsal
from fixtures.driver.nbd import protocol
from fixtures.driver.nbd.protocol import NbdCommand
from fixtures.driver.nbd.server import NbdDisk
from fixtures.model.rules import stability
from fixtures.vocabulary.enums import Dialect, Format
from fixtures.vocabulary.ranges import Range
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddFilter,
    AddImage,
    CompleteJob,
    Flush,
    StartMirror,
    Step,
    Storage,
    Write,
)

DISK: list[Range] = [(0, 1024)]
"""All of the disk is in its cache."""
FIRST, SECOND = Write(0, 512), Write(512, 512)
FORCED = Write(512, 512, fua=True)
FILTER = (AddFilter("filter", "source"), Write(512, 512, at="filter", fua=True))


@pytest.mark.parametrize(
    ("steps", "stable"),
    [
        ((FIRST, SECOND), []),
        ((FIRST, FORCED), [(512, 1024)]),
        ((SECOND, FORCED), DISK),
        ((FIRST, Flush(), FORCED), DISK),
        ((FIRST, *FILTER), [(512, 1024)]),
        ((FIRST, *FILTER, Flush("filter")), DISK),
        ((FORCED, FIRST, SECOND), []),
    ],
)
def test_what_must_be_stable(steps: tuple[Step, ...], stable: list[Range]) -> None:
    """A write with FUA is stable, and all that was written before a flush; nothing else."""
    rehearsal = Rehearsal(Dialect.V3)
    rehearsal.do(AddImage("source", 1024, Format.RAW, storage=Storage.CACHED), *steps)
    assert stability.stable(rehearsal.state, "source", DISK) == stable


def test_metadata_must_be_stable_with_the_data() -> None:
    """Of a file with metadata, nothing is in the cache once all that the guest wrote is stable."""
    rehearsal = Rehearsal(Dialect.V3)
    rehearsal.do(AddImage("source", 1024, storage=Storage.LOGGED), FIRST)
    assert stability.stable(rehearsal.state, "source", [(KIB, 2 * KIB)]) == []
    rehearsal.do(Flush(), FORCED)
    assert stability.stable(rehearsal.state, "source", [(KIB, 2 * KIB)]) == [(KIB, 2 * KIB)]


def test_a_target_is_stable_once_the_guest_is_there() -> None:
    """While a mirror runs nothing is promised of its target."""
    rehearsal = Rehearsal(Dialect.V3)
    rehearsal.do(*(AddImage(node, 1024, Format.RAW, storage=Storage.CACHED) for node in ("source", "target")))
    rehearsal.do(StartMirror("job", "target"), Write(0, 512, at="filter", fua=True))
    assert stability.stable(rehearsal.state, "target", DISK) == []
    rehearsal.do(CompleteJob("job"))
    assert stability.stable(rehearsal.state, "target", DISK) == DISK


def test_cache_of_our_disk(tmp_path: Path) -> None:
    """A write stays in it until a flush, or passes by it."""
    (tmp_path / "disk").write_bytes(bytes(1024))
    disk = NbdDisk(tmp_path / "disk", lambda: None, has_fua=False)

    def ask(command: NbdCommand, offset: int, flags: int = 0) -> list[Range]:
        disk.arrive(command, (offset, 512), flags, bytes(512), lambda *_: None)
        return list(disk.cache)

    assert not disk.flags & protocol.SEND_FUA
    assert ask(NbdCommand.WRITE, 0) == [(0, 512)]
    assert ask(NbdCommand.WRITE_ZEROES, 512, protocol.FUA) == [(0, 512)]
    assert ask(NbdCommand.WRITE, 0, protocol.FUA) == []
    assert ask(NbdCommand.TRIM, 512) == [(512, 1024)]
    assert ask(NbdCommand.FLUSH, 0) == []
    disk.close()
