"""A fact about QEMU's NBD client that decides how stories under pressure are written."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.driver.nbd.guest import Guest
from fixtures.driver.nbd.protocol import NbdCommand
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.requests import Stage
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddImage, ConnectGuest, Storage

LENGTH = 4 * KIB


def _client_of_target(bench: Bench) -> Guest:
    """Return a client of an NBD export of the other disk, which has a connection of its own."""
    monitor, client = bench.machine.qemu.monitor, Guest("other", bench.machine.qemu.monitor.notice)
    monitor.command("block-export-add", {"type": "nbd", "id": "other", "node-name": "target", "name": "other"})
    monitor.connect(bench.machine.folder / "guest.nbd", lambda: client, client.close)
    monitor.wait_until(lambda: client.is_connected, "the other client's connection")
    return client


def _read_other_disk(bench: Bench, client: Guest) -> None:
    number = client.issue(NbdCommand.READ, 0, LENGTH)
    bench.machine.qemu.monitor.wait_until(lambda: number in client.results, "a read of the other disk")


@pytest.mark.parametrize("others", [1, 2])
def test_a_reply_is_held_back(bench: Bench, others: int) -> None:
    """The guest hears that a write is done while one other is in flight. With two others it may hear of it only when
    the disk has answered another, which no story may depend on (docs/findings.md)."""
    bench.do(
        AddImage("source", MIB, Format.RAW, storage=Storage.HELD),
        AddImage("target", MIB, Format.RAW, storage=Storage.HELD),
        ConnectGuest(),
    )
    other = _client_of_target(bench)
    disk, guest, monitor = bench.disks.held[Stage.SOURCE], bench.guests.client, bench.machine.monitor
    assert guest
    disk.hold(frozenset({NbdCommand.WRITE}), 0, MIB)
    numbers = [guest.issue(NbdCommand.WRITE, at * LENGTH, LENGTH, bytes(LENGTH)) for at in range(1 + others)]
    monitor.wait_until(lambda: len(disk.held) == len(numbers), "all writes at the disk")
    first, answered, *rest = sorted(disk.held, key=lambda request: request.serial)
    disk.release(answered)
    _read_other_disk(bench, other)  # all the way there and back: the guest would have heard of the write before
    assert others > 1 or numbers[1] in guest.results
    for request in (first, *rest):
        disk.release(request)
    monitor.wait_until(lambda: guest.results == dict.fromkeys(numbers, 0), "all replies")
    bench.finish("a reply that is held back")
