"""Whatever stands elsewhere than the model says shows while requests are in flight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.bench.mismatch import Mismatch
from fixtures.bench.standing import Standing
from fixtures.driver.nbd.protocol import NbdCommand
from fixtures.driver.nbd.server import NbdRequest
from fixtures.driver.qemu.monitor import DeadlinePassed, QmpError
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.transcript.transcript import Transcript
from fixtures.vocabulary.enums import Dialect, Format
from fixtures.vocabulary.reasons import Cause, Reason
from fixtures.vocabulary.requests import Gate, Stage
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import AddImage, Hold, Issue, Release, Storage, Write

HELD = NbdRequest(NbdCommand.WRITE, 4096, 512, 0)
CAUSE = Cause(Reason.NO_JOB, "no such job")


class Scene:
    """A guest's write that is held at the source, and what QEMU makes of it."""

    def __init__(self) -> None:
        world = World(State(Dialect.V3))
        for node in ("source", "target"):
            world.apply(AddImage(node, MIB, Format.RAW, storage=Storage.HELD))
        world.apply(Hold((Gate(Stage.SOURCE, 0, MIB),)))
        world.apply(Issue("w1", Write(4096, 512)))
        world.apply(Issue("w2", Write(8192, 512)))
        world.apply(Release("w2"))
        self.results = {2: 0}
        self.disks: Any = {node: SimpleNamespace(held=[], done=Counter()) for node in (Stage.SOURCE, Stage.TARGET)}
        self.disks[Stage.SOURCE].held.append(HELD)
        self.reply: Exception | None = None
        self.read = self.answer_read
        self.transcript = Transcript()
        guests: Any = SimpleNamespace(client=SimpleNamespace(results=self.results, issue=lambda *_: self.read()))
        self.standing = Standing(self._machine(), self.disks, guests, world.state, self.transcript)
        self.standing.numbers = {"w1": 1, "w2": 2}

    def answer_read(self) -> int:
        """Answer the read that comes behind all other requests."""
        self.results[3] = 0
        return 3

    def _machine(self) -> Any:
        def wait(holds: Callable[[], bool], awaited: str) -> None:
            if not holds():
                raise DeadlinePassed(f"no {awaited}")

        def answer(_: object) -> None:
            if self.reply:
                raise self.reply

        monitor = SimpleNamespace(wait_until=wait, reply=answer)
        return SimpleNamespace(monitor=monitor, watch=SimpleNamespace(follow=lambda *_: None))

    def answered_behind(self, change: Callable[[], object]) -> None:
        """Change something while the last read is under way."""

        def read() -> int:
            change()
            return self.answer_read()

        self.read = read


def _order(scene: Scene, cause: Cause | None, reply: Exception | None) -> None:
    scene.reply = reply
    scene.standing.unanswered.append((cause, None))  # type: ignore[arg-type]


CHANGES: dict[str, tuple[Callable[[Scene], object], type[Exception], str]] = {
    "not-held": (lambda scene: scene.disks[Stage.SOURCE].held.clear(), DeadlinePassed, "the disks hold: nothing"),
    "held-elsewhere": (lambda scene: scene.disks[Stage.TARGET].held.append(HELD), Mismatch, "held requests"),
    "held-later": (
        lambda scene: scene.answered_behind(lambda: scene.disks[Stage.TARGET].held.append(HELD)),
        Mismatch,
        "held requests",
    ),
    "no-answer": (lambda scene: scene.results.clear(), DeadlinePassed, "w1 at the source"),
    "answered": (lambda scene: scene.results.update({1: 0}), Mismatch, "what the guest hears of w1"),
    "failed": (lambda scene: scene.results.update({2: 5}), Mismatch, "what the guest hears of w2"),
    "no-write": (
        lambda scene: setattr(scene.standing.traffic, "written", 1),
        DeadlinePassed,
        "w1 at the source",
    ),
    "no-read": (lambda scene: setattr(scene, "read", lambda: 4), DeadlinePassed, "a read of the guest's"),
    "refused": (lambda scene: _order(scene, None, QmpError("GenericError", "no")), Mismatch, "refusal"),
    "taken": (lambda scene: _order(scene, CAUSE, None), Mismatch, "refusal"),
}


def test_what_is_predicted() -> None:
    """A write that is held, one that is done, a refusal."""
    scene = Scene()
    _order(scene, CAUSE, QmpError("GenericError", "no such job"))
    scene.standing.settle("", ())
    assert scene.transcript.text("").splitlines()[-3:] == [
        "<- no such job",
        "<- guest: w2 is done",
        "== w1 at the source",
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_what_differs(name: str) -> None:
    """What is held, heard, written or refused elsewise is no success."""
    change, kind, text = CHANGES[name]
    scene = Scene()
    change(scene)
    with pytest.raises(kind, match=text):
        scene.standing.settle("", ())


def test_nothing_is_read_in_a_drain() -> None:
    """QEMU gives no reply then."""
    scene = Scene()
    scene.standing.traffic.draining = True
    scene.read = lambda: pytest.fail("a read in a drain")
    scene.standing.settle("", ())
