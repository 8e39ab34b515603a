"""A story whose every write to the disk's file is recorded, with what the model promised after each step."""

from __future__ import annotations

from fixtures.bench import Bench
from fixtures.driver.log import writelog
from fixtures.driver.log.writelog import WriteLog
from fixtures.model.rules import power_loss
from fixtures.model.rules.power_loss import Moment
from fixtures.vocabulary.enums import Feature
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import AddImage, Boot, Crash, Flush, Quit, ReopenReadOnly, ReopenReadWrite, Step

CLUSTER = 4096
"""Bytes of a cluster: small ones make much metadata of few writes."""
SUBCLUSTERED = 16384
"""The least that has subclusters."""


def _loads(step: Step) -> bool:
    """Return whether a step opens the image for writing and so reads its bitmaps."""
    return isinstance(step, Boot | ReopenReadWrite)


class RecordedStory:
    """Gives steps to a bench and takes down a ``Moment`` after each."""

    def __init__(self, bench: Bench, size: int = MIB, features: tuple[Feature, ...] = ()):
        self._bench = bench
        cluster = SUBCLUSTERED if Feature.EXTENDED_L2 in features else CLUSTER
        bench.do(AddImage("source", size, cluster=cluster, log_writes=True, features=features))
        self._before = bench.machine.files.path("source").read_bytes()
        self.moments: list[Moment] = []
        self._note("the first opening", flushed=True)

    def do(self, *steps: Step) -> None:
        """Do the steps, one by one."""
        for step in steps:
            self._bench.do(step)
            stable = isinstance(step, Flush | Quit | Crash | ReopenReadOnly)
            self._note(str(step), not isinstance(step, Quit | ReopenReadOnly), stable, _loads(step))

    def log(self) -> WriteLog:
        """Return what was recorded."""
        return WriteLog(self._bench.machine.files.node("source").log, self._before)

    def at(self, done: int) -> str:
        """Return where the story stood when ``done`` entries were in the log."""
        under_way = next((one.step for one in self.moments if one.done > done), None)
        return f"during {under_way}" if under_way else "after the end"

    def _note(self, step: str, is_open: bool = True, flushed: bool = False, loading: bool = False) -> None:
        done = writelog.done(self._bench.machine.files.node("source").log)
        now = power_loss.moment(
            self._bench.state, "source", step, done, is_open=is_open, flushed=flushed, loading=loading
        )
        self.moments.append(now)
