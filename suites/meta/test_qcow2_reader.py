"""The reader of closed images on bytes made by hand; ``suites/facts`` compares it with QEMU's own tools."""

from __future__ import annotations

import os
import random
import struct
from pathlib import Path

import pytest

from fixtures.driver.qcow2.closed_image import ClosedImage
from fixtures.driver.qcow2.header import read_header
from fixtures.driver.qcow2.source import Memory, OpenFile, UnreadableImage
from fixtures.driver.qcow2.tables import Tables

CLUSTER = 512
SIZE = 8 * CLUSTER - 100
ZERO, COPIED, COMPRESSED = 1, 1 << 63, 1 << 62


def clusters(*numbers: int) -> bytes:
    """Return the content of data clusters, each with bytes of its own; 0 is one of zeroes."""
    return b"".join(random.Random(number).randbytes(CLUSTER) if number else bytes(CLUSTER) for number in numbers)


def write_qcow2(
    path: Path,
    entries: tuple[int, ...],
    *,
    size: int = SIZE,
    backing: str = "",
    version: int = 3,
    crypt: int = 0,
    features: int = 0,
) -> Path:
    """Write an image of 512-byte clusters: header, L1 table, one L2 table, then data clusters 1, 2, ..."""
    name_at, l1_at, l2_at = (200 if backing else 0), CLUSTER, 2 * CLUSTER
    fields = (version, name_at, len(backing), 9, size, crypt, 1, l1_at, 0, 0, 0, 0, features)
    blocks = [
        (b"QFI\xfb" + struct.pack(">IQIIQIIQQIIQQ", *fields)).ljust(200, b"\0") + backing.encode(),
        struct.pack(">Q", l2_at | COPIED),
        struct.pack(f">{len(entries)}Q", *entries),
        *(clusters(number) for number in range(1, 9)),
    ]
    path.write_bytes(b"".join(block.ljust(CLUSTER, b"\0") for block in blocks))
    return path


def data(number: int) -> int:
    """Return the entry of data cluster ``number``."""
    return (number + 2) * CLUSTER | COPIED


def read(path: Path, start: int = 0, end: int = SIZE) -> bytes:
    """Return what the pieces of a range say that a guest reads."""
    with ClosedImage(path) as disk:
        pieces = list(disk.pieces(start, end))
        found = [one.data(one.start, one.end) for one in pieces]
    assert [at for one in pieces for at in (one.start, one.end)][1:-1:2] == [one.start for one in pieces[1:]]
    return b"".join(found)


def descriptors() -> list[str]:
    """Return what this process has open."""
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def test_clusters_are_read_where_their_entries_point(tmp_path: Path) -> None:
    """Neighbours, swapped clusters, zero clusters with and without data, holes and a cut last cluster."""
    entries = (data(1), data(2), data(4), data(3), ZERO, data(5) | ZERO, 0, data(6))
    path = write_qcow2(tmp_path / "image", entries)
    assert read(path) == clusters(1, 2, 4, 3, 0, 0, 0, 6)[:SIZE]
    assert read(path, 700, 1700) == clusters(1, 2, 4, 3)[700:1700]


def test_neighbours_in_the_file_are_one_piece(tmp_path: Path) -> None:
    """Data that lies in one run is reported as one, and so are zeroes."""
    path = write_qcow2(tmp_path / "image", (data(1), data(2), data(3), ZERO, ZERO, 0, 0, 0))
    with ClosedImage(path) as disk:
        assert [(one.start, one.end) for one in disk.pieces(0, 5 * CLUSTER)] == [(0, 1536), (1536, 2560)]


@pytest.mark.parametrize("size", [3 * CLUSTER - 7, 8 * CLUSTER])
def test_holes_show_the_backing_file_up_to_its_end(tmp_path: Path, size: int) -> None:
    """Holes read as the backing file, shorter or longer; zero clusters hide it."""
    write_qcow2(tmp_path / "base", tuple(map(data, range(1, 9))), size=size)
    path = write_qcow2(tmp_path / "image", (0, ZERO, 0, data(8)), backing="base")
    below = clusters(*range(1, 9))[:size].ljust(SIZE, b"\0")
    expected = below[:CLUSTER] + clusters(0) + below[2 * CLUSTER : 3 * CLUSTER] + clusters(8)
    assert read(path, 0, 4 * CLUSTER) == expected


def test_a_chain_may_end_in_a_raw_file(tmp_path: Path) -> None:
    """A file without qcow2's magic is raw, whatever its name."""
    (tmp_path / "base").write_bytes(clusters(7)[:300])
    path = write_qcow2(tmp_path / "image", (0, data(1)), backing="base")
    assert read(path, 0, 2 * CLUSTER) == clusters(7)[:300] + bytes(212) + clusters(1)


def test_holes_of_a_raw_file_read_as_zeroes(tmp_path: Path) -> None:
    """A sparse raw file is data and holes, and its size is the disk's."""
    path = tmp_path / "raw"
    with path.open("wb") as file:
        file.seek(1 << 20)
        file.write(b"x" * 10)
        file.truncate(2 << 20)
    with ClosedImage(path) as disk:
        assert disk.size == 2 << 20
        assert sum(one.end - one.start for one in disk.pieces(0, disk.size) if one.host is not None) < disk.size
    assert read(path, 0, 2 << 20) == bytes(1 << 20) + b"x" * 10 + bytes((1 << 20) - 10)


def test_an_image_of_version_2(tmp_path: Path) -> None:
    """What lies behind its shorter header is no feature of it."""
    path = write_qcow2(tmp_path / "image", (data(1),), version=2, features=0xFFFF)
    header = read_header(Memory(path.read_bytes()))
    assert (header.incompatible, header.length, header.refcount_order) == (0, 72, 4)
    assert read(path, 0, 512) != bytes(512)


BAD = {
    "version-4": {"version": 4},
    "encrypted": {"crypt": 1},
    "corrupt": {"features": 2},
    "compressed-otherwise": {"features": 8},
}


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
def test_an_image_out_of_the_plain_kind_is_refused(tmp_path: Path, fields: dict[str, int]) -> None:
    """What this reader does not know, or QEMU did not close, is never read as if it were fine."""
    path = write_qcow2(
        tmp_path / "image",
        (data(1),),
        version=fields.get("version", 3),
        crypt=fields.get("crypt", 0),
        features=fields.get("features", 0),
    )
    before = descriptors()
    with pytest.raises(UnreadableImage, match=r"image: version \d, encryption \d, features 0x"):
        ClosedImage(path)
    with pytest.raises(UnreadableImage, match=r"image: version \d, encryption \d, features 0x"):
        Tables(Memory(path.read_bytes()))
    assert descriptors() == before


@pytest.mark.parametrize("length", [10, 79, CLUSTER, 2 * CLUSTER, 3 * CLUSTER - 8])
def test_a_cut_file_is_refused(tmp_path: Path, length: int) -> None:
    """A file that ends in its header or in a table is unreadable, not empty."""
    path = write_qcow2(tmp_path / "image", (data(1),))
    os.truncate(path, length)
    with pytest.raises(UnreadableImage):
        read(path)


def test_an_open_file_and_bytes_in_memory_read_alike(tmp_path: Path) -> None:
    """The entries that refer to clusters are the same, whatever the tables are read from."""
    entries = (data(1), 0, ZERO, data(2) | ZERO, data(3))
    path = write_qcow2(tmp_path / "image", entries)
    expected = [2 * CLUSTER | COPIED, data(1), data(2) | ZERO, data(3)]
    assert Tables(Memory(path.read_bytes())).references() == expected
    with OpenFile(path) as file:
        assert Tables(file).references() == expected


def test_a_compressed_cluster_is_refused(tmp_path: Path) -> None:
    """Compressed data is not taken for zeroes or for anything else."""
    path = write_qcow2(tmp_path / "image", (COMPRESSED | 5 * CLUSTER,))
    with pytest.raises(UnreadableImage, match="compressed"):
        read(path)


def test_an_open_chain_is_closed_whole(tmp_path: Path) -> None:
    """Leaving the context closes the image and its backing files; a missing one leaves nothing open either."""
    write_qcow2(tmp_path / "base", (data(1),))
    path = write_qcow2(tmp_path / "image", (0,), backing="base")
    before = descriptors()
    read(path)
    (tmp_path / "base").unlink()
    with pytest.raises(FileNotFoundError):
        ClosedImage(path)
    assert descriptors() == before
