"""A QMP server in a thread, for tests of what talks to QEMU."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

GREETING = {"QMP": {"version": {"qemu": {"major": 10, "minor": 0, "micro": 0}, "package": ""}, "capabilities": []}}


class Server:
    """The other end of a monitor's connection; ``script`` is what it does, and when that is done it hangs up."""

    def __init__(self, script: Callable[[Server], object]):
        self.ours, self._socket = socket.socketpair()
        self.heard: list[str] = []
        self._text = ""
        self._thread = threading.Thread(target=self._run, args=(script,))
        self._thread.start()

    def say(self, *messages: Mapping[str, Any]) -> Server:
        """Send messages in one piece."""
        return self.mutter("".join(json.dumps(one) + "\r\n" for one in messages))

    def mutter(self, text: str) -> Server:
        """Send text that need not be a message."""
        self._socket.sendall(text.encode())
        return self

    def hear(self) -> dict[str, Any]:
        """Wait for a command; an empty one stands for the other end's hanging up."""
        while not (command := self._parsed()):
            data = self._socket.recv(4096)
            if not data:
                return {}
            self._text += data.decode()
        self.heard.append(command["execute"])
        return command

    def answer(self, value: object = None, *events: Mapping[str, Any]) -> Server:
        """Wait for a command and reply, with events right behind."""
        given = self.hear()
        reply = {"return": {} if value is None else value} | {key: given[key] for key in ("id",) if key in given}
        return self.say(reply, *events)

    def idle(self) -> None:
        """Hear commands and say nothing until the other end hangs up."""
        while self.hear():
            pass

    def greet(self) -> Server:
        """Begin as QEMU does."""
        return self.say(GREETING).answer()

    def join(self) -> None:
        """Wait for the end of the script."""
        self._thread.join()

    def _parsed(self) -> dict[str, Any]:
        try:
            command, end = json.JSONDecoder().raw_decode(self._text)
        except json.JSONDecodeError:
            return {}
        self._text = self._text[end:]
        return dict(command)

    def _run(self, script: Callable[[Server], object]) -> None:
        with self._socket:
            script(self)


def event(name: str) -> dict[str, Any]:
    """Return an event as QEMU sends it."""
    return {"event": name, "data": {}, "timestamp": {"seconds": 1, "microseconds": 2}}
