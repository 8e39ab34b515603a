"""A file with as many bitmaps as one may have: written by hand, for QEMU takes seconds to minutes to add them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from fixtures.driver.qcow2.bitmaps import directory_offset
from fixtures.driver.qcow2.source import Memory

MOST = 65535
"""Bitmaps that an image may have (QCOW2_MAX_BITMAPS in block/qcow2.h)."""
LARGEST_DIRECTORY = MOST * 1024
"""Bytes that their directory may take (QCOW2_MAX_BITMAP_DIRECTORY_SIZE)."""
_EXTENSION = struct.pack(">II", 0x23852875, 24)
_HEAD = 24
"""Bytes of an entry of the directory before the name."""


def set_counts(image: Path, count: int, size: int, directory: int | None = None) -> None:
    """Write into the header that there are ``count`` bitmaps in a directory of ``size`` bytes.

    ``directory``: its offset, if that changes, too.
    """
    content = bytearray(image.read_bytes())
    at = content.index(_EXTENSION) + len(_EXTENSION)
    struct.pack_into(">IIQ", content, at, count, 0, size)
    if directory is not None:
        struct.pack_into(">Q", content, at + 16, directory)
    image.write_bytes(content)


def multiply(image: Path, names: Sequence[str]) -> int:
    """Give an image bitmaps of these names, copies of its only one; return the directory's size in bytes."""
    content = image.read_bytes()
    first = directory_offset(Memory(content))
    cluster = 1 << content[23]
    head, end = content[first : first + _HEAD], -(-len(content) // cluster) * cluster
    entries = [head[:18] + struct.pack(">H", len(name)) + head[20:] + name.encode() for name in names]
    directory = b"".join(entry.ljust(-(-len(entry) // 8) * 8, b"\0") for entry in entries)
    image.write_bytes(content.ljust(end, b"\0") + directory)
    set_counts(image, len(names), len(directory), end)
    return len(directory)
