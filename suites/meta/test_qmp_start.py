"""What does not answer as QEMU does is noticed by the first words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from fixtures.driver.qemu.monitor import Monitor, QemuGone
from suites.meta.qmp_server import GREETING, Server

BAD_STARTS: dict[str, Callable[[Server], object]] = {
    "hangs-up": lambda _: None,
    "hangs-up-after-greeting": lambda one: one.say(GREETING),
    "no-json": lambda one: one.mutter("qemu: option requires an argument\r\n"),
    "no-greeting": lambda one: one.say({"event": "A"}),
    "refuses-capabilities": lambda one: [
        one.say(GREETING).hear(),
        one.say({"error": {"class": "GenericError", "desc": "no"}}),
    ],
    "is-silent": lambda one: one.hear(),
}


@pytest.mark.parametrize("script", BAD_STARTS.values(), ids=BAD_STARTS)
def test_what_does_not_answer_as_qemu_is_none(script: Callable[[Server], object]) -> None:
    """Whatever is wrong with the first words, the connection fails in one way and leaves nothing open."""
    server = Server(script)
    with pytest.raises(QemuGone, match="QEMU did not answer QMP"):
        Monitor(server.ours, 0.2)
    server.ours.close()
    server.join()


def test_hanging_up_when_all_is_agreed_is_noticed() -> None:
    """A QEMU that dies right after the handshake is gone, for the connection itself or for its first command."""
    server = Server(lambda one: one.greet())
    with pytest.raises(QemuGone), contextlib.closing(Monitor(server.ours, 20)) as monitor:
        monitor.command("query-status")
    server.ours.close()
    server.join()
