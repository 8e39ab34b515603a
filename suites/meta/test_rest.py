"""Any difference between a QEMU at rest and the model is found: nodes, jobs, bitmaps, drives, what a client hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.bench import rest
from fixtures.bench.mismatch import Mismatch
from fixtures.driver.qemu import observe
from fixtures.driver.qemu.monitor import QmpError
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddDrive, AddImage, StartMirror, Write

B0 = "source", "b0"
ANY: Any = SimpleNamespace(below=frozenset, qemu=None, folder=Path(), subject=SimpleNamespace(qemu_img=None))
"""A QEMU, its files, a machine: what they are asked is answered by each test."""


@pytest.fixture
def state() -> State:
    """Give a READY mirror of a disk with two bitmaps and a drive."""
    world = World(State(Dialect.V3))
    for node in ("source", "target"):
        world.apply(AddImage(node, MIB))
    world.apply(AddBitmap("b0", 64 * KIB))
    world.apply(Write(0, 512, Fill(1)))
    world.apply(AddDrive("guest", "source"))
    world.apply(StartMirror("job", "target"))
    return world.state


def _seen(state: State) -> observe.Rest:
    bitmap = state.bitmaps["source"]["b0"]
    reported = observe.BitmapState("b0", 64 * KIB, 64 * KIB, True, False, False, None)
    nodes = frozenset({"source", "target", "filter"})
    return observe.Rest(nodes, {"job": ("ready", "ok")}, {B0: reported}, {B0: bitmap.digest()})


Change = Callable[[observe.Rest], Mapping[str, object]]
CHANGES: dict[str, Change] = {
    "nodes": lambda seen: {"nodes": seen.nodes - {"filter"}},
    "number of nodes": lambda seen: {"nodes": seen.nodes | {"#block123"}},
    "jobs": lambda _: {"jobs": {"job": ("ready", "failed")}},
    "bitmaps": lambda seen: {"bitmaps": {**seen.bitmaps, ("target", "b0"): seen.bitmaps[B0]}},
    "bitmap b0": lambda seen: {"bitmaps": {B0: replace(seen.bitmaps[B0], count=0)}},
    "digest": lambda _: {"digests": {B0: "another"}},
}


def test_what_is_predicted_passes(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the model says is no mismatch."""
    monkeypatch.setattr(observe, "rest", lambda *_: _seen(state))
    rest.compare(state, ANY, ANY)


@pytest.mark.parametrize("what", CHANGES)
def test_what_differs_shows(state: State, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Each thing that is asked is compared."""
    seen = _seen(state)
    monkeypatch.setattr(observe, "rest", lambda *_: replace(seen, **cast("Any", CHANGES[what](seen))))
    with pytest.raises(Mismatch, match=f"^{what}"):
        rest.compare(state, ANY, ANY)


FACTS = observe.JobFacts("mirror", "ready", 0, False, True, True, True)
JOBS: dict[str, tuple[observe.JobFacts, str, int]] = {
    "query-block-jobs": (replace(FACTS, paused=True), "ready", 5),
    "query-jobs": (FACTS, "running", 5),
    "progress": (FACTS, "ready", 4),
    "": (FACTS, "ready", 5),
}


@pytest.mark.parametrize("what", JOBS)
def test_both_families_tell_the_same_of_a_job(state: State, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Facts, state and progress are compared."""
    facts, status, done = JOBS[what]
    reported = observe.Jobs({"job": facts}, {"job": ("mirror", status)}, ({"job": (5, 5)}, {"job": (done, 5)}))
    monkeypatch.setattr(observe, "jobs", lambda _: reported)
    if what:
        with pytest.raises(Mismatch, match=f"^{what}"):
            rest.compare_jobs(state, ANY)
    else:
        rest.compare_jobs(state, ANY)


def test_drives(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a drive is made of is compared by each command that says so."""
    reported = {"query-block": {"guest": "filter"}, "query-blockstats": {"guest": "target"}}
    monkeypatch.setattr(observe, "drives", lambda _: reported)
    with pytest.raises(Mismatch, match=r"^drives in query-blockstats"):
        rest.compare_drives(state, ANY)


@pytest.mark.parametrize("reported", [[], QmpError("GenericError", "no")], ids=["another-range", "a-refusal"])
def test_a_client_hears_something_else(state: State, monkeypatch: pytest.MonkeyPatch, reported: object) -> None:
    """What an NBD client hears is compared, and whether it does; the export of a writable node is writable."""
    exports: list[bool] = []

    def ranges(*_: object, writable: bool) -> object:
        exports.append(writable)
        if isinstance(reported, QmpError):
            raise reported
        return reported

    monkeypatch.setattr(observe, "ranges_for_client", ranges)
    for read_only in (False, True):
        state.graph.read_only |= {"source"} if read_only else set()
        with pytest.raises(Mismatch):
            rest.compare_with_client(state, "source", ANY)
    assert exports == [True, False]


def test_a_client_must_not_hear_of_an_inconsistent_bitmap(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its export must be refused."""
    state.bitmaps["source"]["b0"].inconsistent = True
    monkeypatch.setattr(observe, "ranges_for_client", lambda *_, **__: [])
    with pytest.raises(Mismatch, match=r"^refusal of an export with b0"):
        rest.compare_with_client(state, "source", ANY)
