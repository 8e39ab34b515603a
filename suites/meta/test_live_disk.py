"""What is read through a node over NBD: parts of structured replies, in any order, make up a disk."""

from __future__ import annotations

from fixtures.driver.nbd import protocol
from fixtures.driver.nbd.reader import Reader
from fixtures.driver.qemu.live import Layers, LiveDisk
from fixtures.vocabulary.sizes import KIB, MIB

_ACKNOWLEDGED = protocol.ANSWER.pack(protocol.OPTION_REPLY, 0, protocol.ACKNOWLEDGED, 0)


def _joined(size: int) -> bytes:
    """Return what a server says until a client has the export."""
    export = protocol.EXPORT.pack(protocol.INFO_EXPORT, size, 0)
    info = protocol.ANSWER.pack(protocol.OPTION_REPLY, protocol.OPTION_GO, protocol.INFO, len(export)) + export
    return protocol.HANDSHAKE.pack(protocol.MAGIC, protocol.HAVE_OPTION, 1) + _ACKNOWLEDGED + info + _ACKNOWLEDGED


def _part(kind: int, content: bytes, *, last: bool = False) -> bytes:
    return protocol.CHUNK.pack(0x668E33EF, protocol.LAST_CHUNK if last else 0, kind, 0, len(content)) + content


def _data(offset: int, content: bytes) -> bytes:
    return offset.to_bytes(8, "big") + content


def test_a_disk_is_read_in_parts() -> None:
    """Two requests are answered, the second one first; each part of data is kept, a hole is not."""
    noticed: list[None] = []
    reader = Reader("read", lambda: noticed.append(None))
    hole = (0).to_bytes(8, "big") + (32 * MIB).to_bytes(4, "big")
    said = _joined(40 * MIB) + _part(1, _data(32 * MIB, b"second"), last=True) + _part(2, hole)
    reader.data_received(said)
    assert (reader.is_done, noticed) == (False, [])
    for byte in _part(1, _data(KIB, b"first"), last=True):
        reader.data_received(bytes([byte]))
    assert (reader.is_done, len(noticed), reader.size, reader.error) == (True, 1, 40 * MIB, 0)
    assert reader.data == [(32 * MIB, b"second"), (KIB, b"first")]


def test_an_error_is_kept() -> None:
    """The errno of a part that is an error stands for the whole disk."""
    reader = Reader("read", lambda: None)
    reader.data_received(_joined(MIB) + _part(protocol.ERROR_CHUNK | 1, (5).to_bytes(4, "big") + bytes(2), last=True))
    assert (reader.is_done, reader.error) == (True, 5)


def test_pieces_come_in_order() -> None:
    """Data and what is between them, clipped to the range that is asked for."""
    disk = LiveDisk(100, [(60, b"b" * 20), (10, b"a" * 10)], 0)
    pieces = [(piece.start, piece.end, piece.data(piece.start, piece.end)[:1]) for piece in disk.pieces(15, 70)]
    assert pieces == [(15, 20, b"a"), (20, 60, b"\0"), (60, 70, b"b")]


def test_names_that_qemu_made_are_not_told() -> None:
    """They differ each time."""
    assert [*Layers(["target", "#block123"], [False, True]).shown] == [("target", False), ("#", True)]
