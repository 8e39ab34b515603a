"""The monitor against a QMP server in a thread: every wait ends with what was awaited, a deadline or a hang-up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from fixtures.driver.qemu.monitor import DeadlinePassed, Monitor, QemuGone, QmpError
from suites.meta.qmp_server import Server, event

LONG, SHORT = 20.0, 0.2
"""Deadlines in seconds: one that a passing test never sees the end of, one that it waits for."""

Connect = Callable[..., tuple[Monitor, Server]]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Give a function that connects a monitor to a greeting server, which then follows a script."""
    made: list[tuple[Monitor, Server]] = []

    def run(script: Callable[[Server], object], deadline: float = LONG) -> tuple[Monitor, Server]:
        server = Server(lambda one: script(one.greet()))
        made.append((Monitor(server.ours, deadline), server))
        return made[-1]

    yield run
    for monitor, server in made:
        monitor.close()
        server.join()


def test_a_command_gives_its_value(connect: Connect) -> None:
    """Capabilities are negotiated first; a reply's value is returned, arguments are sent."""
    monitor, server = connect(lambda one: one.answer([1, 2]))
    assert monitor.command("query-things", {"a": 1}) == [1, 2]
    assert server.heard == ["qmp_capabilities", "query-things"]
    assert [message.body.get("arguments") for message in monitor.wire][-2:] == [{"a": 1}, None]


def test_a_refusal_has_class_and_text(connect: Connect) -> None:
    """An error reply is an exception, and the connection lives on."""

    def refuse(server: Server) -> None:
        server.say({"error": {"class": "GenericError", "desc": "No."}, "id": server.hear()["id"]})
        server.answer(5)

    monitor, _ = connect(refuse)
    with pytest.raises(QmpError) as refused:
        monitor.command("do-it")
    assert (refused.value.error_class, refused.value.text) == ("GenericError", "No.")
    assert monitor.command("again") == 5


def test_commands_are_sent_without_waiting(connect: Connect) -> None:
    """Several commands are under way at once; values come in the order of the calls, whatever that of the replies."""

    def reply_backwards(server: Server) -> None:
        ids = [server.hear()["id"] for _ in range(3)]
        server.say(*({"return": ids.index(one), "id": one} for one in reversed(ids)))

    monitor, server = connect(reply_backwards)
    assert monitor.commands([("a", None), ("b", None), ("c", None)]) == [0, 1, 2]
    assert server.heard[1:] == ["a", "b", "c"]


def test_the_wire_log_has_everything_in_order(connect: Connect) -> None:
    """Greeting, commands, replies and events stand in the log as they crossed the wire, with rising times."""
    monitor, _ = connect(lambda one: one.answer(None, event("A"), event("B")))
    monitor.command("go")
    monitor.next_event("A")
    monitor.next_event("B")
    kinds = [(one.direction, next(key for key in one.body if key != "id")) for one in monitor.wire]
    talk = [("<-", "QMP"), ("->", "execute"), ("<-", "return"), ("->", "execute"), ("<-", "return")]
    assert kinds == [*talk, ("<-", "event"), ("<-", "event")]
    assert [one.seconds for one in monitor.wire] == sorted(one.seconds for one in monitor.wire)


@pytest.mark.parametrize("together", [True, False], ids=["behind-a-reply", "alone"])
def test_an_event_that_was_not_awaited_is_not_lost(connect: Connect, together: bool) -> None:
    """An event that arrives while the loop stands still is there when it is asked for."""
    sent = threading.Event()

    def script(server: Server) -> None:
        server.answer(None, *([event("A")] if together else []))
        if not together:
            server.say(event("A"))
        sent.set()
        server.hear()

    monitor, _ = connect(script)
    monitor.command("go")
    assert sent.wait(LONG)
    assert monitor.next_event("A")["event"] == "A"
    assert monitor.event_at_hand() is None


def test_an_event_is_waited_for(connect: Connect) -> None:
    """A wait begun before the event ends with it, and each event is given once, in order."""
    waiting = threading.Event()

    def script(server: Server) -> None:
        waiting.wait(LONG)
        server.say(event("A"), event("B")).idle()

    monitor, _ = connect(script)
    monitor._loop.call_soon(waiting.set)
    assert [monitor.next_event(name)["event"] for name in "AB"] == ["A", "B"]


def test_hanging_up_during_a_command_is_noticed(connect: Connect) -> None:
    """A QEMU that dies of a command is gone, not slow."""
    monitor, _ = connect(lambda one: one.hear())
    with pytest.raises(QemuGone, match="during crash-please"):
        monitor.command("crash-please")


def test_what_was_said_before_hanging_up_is_heard(connect: Connect) -> None:
    """Events that came before the end are given after it; then the wait ends at once."""
    monitor, server = connect(lambda one: one.answer(None, event("A")))
    monitor.command("go")
    server.join()
    assert monitor.next_event("A")["event"] == "A"
    with pytest.raises(QemuGone, match="before its end"):
        monitor.next_event("its end")


def test_hanging_up_ends_a_wait(connect: Connect) -> None:
    """A wait that has begun ends when QEMU hangs up, not at its deadline."""
    waiting = threading.Event()
    monitor, _ = connect(lambda _: waiting.wait(LONG))
    monitor._loop.call_soon(waiting.set)  # runs when the loop does: that is, in the wait
    with pytest.raises(QemuGone, match="before its end"):
        monitor.next_event("its end")


def test_a_command_after_the_end_is_refused(connect: Connect) -> None:
    """A connection that ended between commands is found closed by the next command."""
    monitor, server = connect(lambda one: one.answer())
    monitor.command("query-status")
    server.join()
    with pytest.raises(QemuGone):
        monitor.command("query-status")


def test_silence_ends_with_the_deadline(connect: Connect) -> None:
    """A QEMU that lives and says nothing raises another error than one that is gone."""
    monitor, _ = connect(lambda one: one.idle(), SHORT)
    with pytest.raises(DeadlinePassed, match=r"within 0\.2 s: a sign of life"):
        monitor.next_event("a sign of life")
    with pytest.raises(DeadlinePassed, match=r"no reply to query-status, query-jobs within 0\.2 s"):
        monitor.commands([("query-status", None), ("query-jobs", None)])


def test_other_events_do_not_prolong_a_deadline(connect: Connect) -> None:
    """The deadline is for the next event, and each wait has its own."""
    monitor, _ = connect(lambda one: one.say(event("A")).idle(), SHORT)
    monitor.next_event("A")
    with pytest.raises(DeadlinePassed):
        monitor.next_event("B")


def test_an_end_that_was_asked_for_is_awaited(connect: Connect) -> None:
    """After quit, the hang-up is what was awaited; without it, the deadline passes."""
    monitor, _ = connect(lambda one: one.answer())
    monitor.command("quit")
    monitor.wait_for_end()
    stubborn, _ = connect(lambda one: one.answer().idle(), SHORT)
    stubborn.command("quit")
    with pytest.raises(DeadlinePassed, match="the end of QEMU"):
        stubborn.wait_for_end()
