"""The reader of write logs and the power losses that it lays into them, on bytes made by hand."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from fixtures.driver.log import writelog
from fixtures.driver.log.writelog import SECTOR, PowerLoss, UnreadableLog, WriteLog

BEFORE = b"." * 2 * SECTOR
FLUSH, DISCARD = 1, 4


def write_log(path: Path, *entries: tuple[int, bytes, int], count: int | None = None) -> Path:
    """Write a log of entries: sector, data, flags."""
    head = struct.pack("<QQQI", 0x6A736677736872, 1, len(entries) if count is None else count, SECTOR)
    parts = [head.ljust(SECTOR, b"\0")]
    for sector, data, flags in entries:
        parts.append(struct.pack("<QQQQ", sector, len(data) // SECTOR, flags, 0).ljust(SECTOR, b"\0"))
        parts.append(b"" if flags & DISCARD else data)
    path.write_bytes(b"".join(parts))
    return path


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> WriteLog:
    """Give a log of two writes, a flush, a discard and a write beyond the file's end."""
    a, b, c = (letter * SECTOR for letter in (b"a", b"b", b"c"))
    entries = (0, a + a, 0), (1, b, 0), (0, b"", FLUSH), (0, bytes(SECTOR), DISCARD), (3, c, 0)
    return WriteLog(write_log(tmp_path / "log", *entries), BEFORE)


def test_unflushed_writes_are_those_since_the_last_flush(tmp_path: Path) -> None:
    """A flush makes all writes before it stable; a log that is not begun has none."""
    data = b"a" * SECTOR
    path = write_log(tmp_path / "log", (0, data, 0), (0, b"", FLUSH), (3, data, 0))
    assert writelog.unflushed(path) == [(3 * SECTOR, 4 * SECTOR)]
    (tmp_path / "empty").touch()
    assert writelog.unflushed(tmp_path / "empty") == []


def shown(file: bytes) -> str:
    """Return the first byte of each sector; a zero as 0."""
    return "".join(chr(file[at] or ord("0")) for at in range(0, len(file), SECTOR))


def test_a_flush_makes_what_came_before_stable(log: WriteLog) -> None:
    """Stable entries are there in their order; of the others, the sectors that are kept."""
    assert shown(log.file(PowerLoss(5, 3, {}))) == "ab"
    assert shown(log.file(PowerLoss(5, 3, {3: (0,), 4: (0,)}))) == "0b0c"
    assert shown(log.file(PowerLoss(2, 0, {0: (1,), 1: ()}))) == ".a"


def test_losses_cover_every_point_with_all_and_nothing_kept(log: WriteLog) -> None:
    """Before and after each entry: what is flushed stays in each, the rest is kept, lost or mixed."""
    files = {(loss.done, shown(log.file(loss))) for loss in log.losses(random.Random(1), 8)}
    assert {(0, ".."), (1, "aa"), (1, ".."), (2, "ab"), (2, ".."), (2, "aa"), (3, "ab")} <= files
    assert {(4, "ab"), (4, "0b"), (5, "ab"), (5, "0b0c"), (5, "ab0c"), (5, "0b")} <= files
    assert all(file[:2] in ("ab", "0b") for done, file in files if done >= 3)


def test_writes_can_tear(tmp_path: Path) -> None:
    """Of a write of several sectors, a power loss may keep some."""
    log = WriteLog(write_log(tmp_path / "log", (0, b"a" * 8 * SECTOR, 0)), b"")
    kept = {loss.kept[0] for loss in log.losses(random.Random(1), 60) if loss.done}
    assert {(), tuple(range(8))} < kept


def test_how_long_a_log_is_can_be_asked_while_it_grows(log: WriteLog, tmp_path: Path) -> None:
    """Its first sector decides; an empty file is a log of nothing."""
    assert writelog.done(tmp_path / "log") == len(log.entries) == 5
    (tmp_path / "empty").touch()
    assert writelog.done(tmp_path / "empty") == 0


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "0 bytes"), (bytes(SECTOR), "magic")], ids=["empty", "other-format"]
)
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """One sentence says what is wrong."""
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(UnreadableLog, match=reason):
        WriteLog(tmp_path / "log", BEFORE)


def test_a_log_that_ends_early_is_refused(tmp_path: Path) -> None:
    """The header names entries that are not there."""
    with pytest.raises(UnreadableLog, match="entry 1 of 2 is missing"):
        WriteLog(write_log(tmp_path / "log", (0, b"a" * SECTOR, 0), count=2), BEFORE)
