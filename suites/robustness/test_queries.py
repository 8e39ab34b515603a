"""Queries about nodes in every state of every block job, also while one that has ended still holds its filter."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddDrive, AddImage, AskForNodes, Attempt, AwaitStatus, Write

ASK = AskForNodes()
FILTER = {"filter-node-name": "filter"}
JOBS: Mapping[str, tuple[str, dict[str, object]]] = {
    "stream": ("block-stream", {"base-node": "base", **FILTER}),
    "stream-all": ("block-stream", {}),
    "commit": ("block-commit", {"top-node": "middle", "base-node": "base", **FILTER}),
    "active-commit": ("block-commit", {"base-node": "base", **FILTER}),
    "backup": ("blockdev-backup", {"target": "target", "sync": "full", **FILTER}),
    "mirror": ("blockdev-mirror", {"target": "target", "sync": "full", **FILTER}),
    "mirror-in-write-blocking": ("blockdev-mirror", {"target": "target", "sync": "top", "copy-mode": "write-blocking"}),
}
HAS_READY = {"active-commit", "mirror", "mirror-in-write-blocking"}


def _order(command: str, **arguments: object) -> Attempt:
    return Attempt(command, arguments)


@pytest.mark.parametrize("drive", [False, True], ids=["node", "drive"])
@pytest.mark.parametrize("ending", ["finalize", "cancel", "cancel-early"])
@pytest.mark.parametrize("job", JOBS)
@pytest.mark.possible("KI-14", job="stream")
@pytest.mark.possible("KI-14", job="stream-all")
def test_every_state(bench: Bench, job: str, ending: str, drive: bool) -> None:
    """From its start until it is dismissed, whatever a job has done to the graph, all queries answer (M-22, M-52)."""
    command, arguments = JOBS[job]
    for node, below in (("base", None), ("middle", "base"), ("source", "middle"), ("target", None)):
        bench.do(AddImage(node, MIB, backing=below))
        if not drive and node != "target":
            bench.do(Write(0, 256 * KIB, Fill(1), at=node))
    if drive:
        bench.do(AddDrive("disk", "source"), Write(0, 256 * KIB, Fill(1)))
    waiting = {"auto-finalize": False, "auto-dismiss": False, "speed": 1}
    bench.do(Attempt(command, {"job-id": "job", "device": "source", **waiting, **arguments}), ASK)
    if ending != "cancel-early":
        bench.do(_order("block-job-set-speed", device="job", speed=0))
        if job in HAS_READY:
            bench.do(AwaitStatus("job", "ready"), ASK, _order("job-complete", id="job"))
        bench.do(AwaitStatus("job", "pending"), ASK)
    bench.do(_order("job-finalize", id="job") if ending == "finalize" else _order("job-cancel", id="job"))
    bench.do(AwaitStatus("job", "concluded"), ASK, _order("job-dismiss", id="job"), ASK)
    bench.survive()
