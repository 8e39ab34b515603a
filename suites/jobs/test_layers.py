"""Commits and streams between the layers of a disk: contents, the graph and the bits of each layer's bitmaps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    CancelJob,
    CompleteJob,
    FinalizeJob,
    JobStep,
    PauseJob,
    ReopenReadOnly,
    Restart,
    ResumeJob,
    StartCommit,
    StartMirror,
    StartStream,
    Write,
)
from suites.jobs import disk

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
Start = StartCommit | StartStream

JOBS: dict[str, Start] = {
    "commit-top": StartCommit("top", "upper", "top", job="job"),
    "commit-all": StartCommit("top", "base", "top", job="job"),
    "commit-upper": StartCommit("upper", "lower", "top", job="job"),
    "commit-middle": StartCommit("upper", "base", "top", job="job"),
    "commit-lower": StartCommit("lower", "base", "top", job="job"),
    "stream-all": StartStream("top", job="job"),
    "stream-to-base": StartStream("top", "base", job="job"),
    "stream-to-upper": StartStream("top", "upper", job="job"),
    "stream-upper": StartStream("upper", job="job"),
    "stream-upper-to-base": StartStream("upper", "base", job="job"),
}
ACTIVE = ("commit-top", "commit-all")
QUICK = ("commit-top", "commit-upper", "stream-to-base")


def _job(job: str, *others: object, name: str | None = None) -> object:
    marks = [] if job in QUICK else [pytest.mark.thorough]
    return pytest.param(job, *others, id=name or job, marks=marks)


JOB = [_job(job) for job in JOBS]


def _written(start: Start) -> str:
    return start.base if isinstance(start, StartCommit) else start.device


@pytest.mark.parametrize(
    ("job", "read_only"),
    [
        *(_job(job, False, name=f"{job}-rw") for job in JOBS),
        *(_job(job, True, name=f"{job}-ro") for job, start in JOBS.items() if _written(start) != "top"),
    ],
)
def test_success(bench: Bench, golden: SnapshotAssertion, job: str, read_only: bool) -> None:
    """A commit's base records what it is given, a stream makes no bit dirty; the bitmaps of all other layers are as
    they were, and the guest reads what it read (B-97, B-101, M-103)."""
    start = replace(JOBS[job], filter_node="filter" if read_only else None)
    disk.build(bench)
    if read_only:
        bench.do(ReopenReadOnly(_written(start), disk.below(_written(start))))
    bench.do(start)
    if job in ACTIVE:
        disk.write_late(bench)
        bench.do(CompleteJob("job"))
    disk.observe(bench)
    bench.observe_drive("guest")
    disk.write_late(bench)
    disk.observe(bench, "base", "top")
    assert bench.finish("what a job does to layers and their bitmaps") == golden


ENDINGS: dict[str, tuple[JobStep, ...]] = {
    "finalize": (FinalizeJob("job"),),
    "cancel": (CancelJob("job"),),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("job", JOB)
def test_pending(bench: Bench, golden: SnapshotAssertion, job: str, ending: str) -> None:
    """Until it is finalized, the layers are in their places; if it is cancelled then, they stay there, and what was
    written and recorded stays, too (B-97, B-101)."""
    disk.build(bench)
    bench.do(replace(JOBS[job], auto_finalize=False, filter_node="filter"))
    if job in ACTIVE:
        bench.do(CompleteJob("job"))
    else:
        disk.write_late(bench)
    bench.observe_job("job")
    bench.do(*ENDINGS[ending])
    disk.observe(bench)
    bench.observe_drive("guest")
    disk.write_late(bench)
    assert bench.finish("a job that waits to be finalized") == golden


@pytest.mark.parametrize("job", ACTIVE)
@pytest.mark.parametrize("force", [False, True], ids=["graceful", "force"])
def test_cancelled(bench: Bench, golden: SnapshotAssertion, force: bool, job: str) -> None:
    """An active commit that is cancelled leaves the guest where it is; gracefully, the base has all by then (B-97)."""
    disk.build(bench)
    bench.do(replace(JOBS[job], filter_node="filter"), PauseJob("job"), ResumeJob("job"))
    if not force:
        disk.write_late(bench, "filter")
    bench.do(CancelJob("job", force=force))
    disk.observe(bench)
    bench.observe_drive("guest")
    assert bench.finish("an active commit that is cancelled") == golden


SMALL, LARGE = 4 * KIB, 256 * KIB
CLUSTERS = {
    "small-above": {"base": LARGE, "lower": LARGE, "upper": SMALL, "top": SMALL},
    "large-above": {"base": SMALL, "lower": SMALL, "upper": LARGE, "top": LARGE},
}
SIZES = {
    "growing": {"base": 3136 * KIB, "lower": 3272 * KIB + 512, "upper": 3672 * KIB, "top": 4 * MIB + 1536},
    "short-between": {"base": 4 * MIB, "lower": 3272 * KIB + 512, "upper": 4 * MIB, "top": 4 * MIB},
}


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("job", JOB)
def test_clusters(bench: Bench, job: str, clusters: str) -> None:
    """Whole clusters are copied: a commit's of the layer that holds them, a stream's of the one that gets them (B-97,
    B-101)."""
    disk.build(bench, clusters=CLUSTERS[clusters])
    _run(bench, job)
    bench.finish("layers with clusters of other sizes")


@pytest.mark.known("KI-24", job="stream-upper-to-base", sizes="short-between")
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("job", JOB)
def test_sizes(bench: Bench, job: str, sizes: str) -> None:
    """A base grows for a commit; what reads as zeroes since a layer between is short stays so (B-65, B-97, B-101)."""
    disk.build(bench, sizes=SIZES[sizes])
    if sizes == "short-between":
        bench.do(Write(3400 * KIB, 70 * KIB, Positional(30), at="base"))
    _run(bench, job)
    bench.finish("layers of other sizes")


def _run(bench: Bench, job: str) -> None:
    bench.do(JOBS[job])
    if job in ACTIVE:
        bench.do(CompleteJob("job"))
    disk.observe(bench)
    bench.do(Restart())
    disk.observe(bench)


REFUSED: dict[str, Start | StartMirror] = {
    "commit-into-itself": StartCommit("upper", "upper", "top"),
    "commit-up": StartCommit("lower", "upper", "top"),
    "commit-other-chain": StartCommit("target", "base", "top"),
    "commit-into-other-chain": StartCommit("top", "target", "top"),
    "commit-no-device": StartCommit("upper", "base", "nosuch"),
    "commit-no-top": StartCommit("nosuch", "base", "top"),
    "commit-no-base": StartCommit("top", "nosuch", "top"),
    "commit-layer-as-device": StartCommit("lower", "base", "upper"),
    "stream-no-device": StartStream("nosuch"),
    "stream-no-base": StartStream("top", "nosuch"),
    "stream-from-itself": StartStream("top", "top"),
    "stream-up": StartStream("lower", "upper"),
    "stream-other-chain": StartStream("top", "target"),
}


@pytest.mark.parametrize("step", REFUSED.values(), ids=REFUSED)
def test_refused(bench: Bench, golden: SnapshotAssertion, step: Start) -> None:
    """What is no chain is refused, and nothing has changed (B-102)."""
    disk.build(bench)
    bench.do(disk.other_image())
    bench.do(step)
    disk.observe(bench)
    assert bench.finish("layers that are no chain") == golden


SECOND: dict[str, Start] = {
    "commit-below": StartCommit("lower", "base", "top", job="second"),
    "commit-the-same": StartCommit("upper", "lower", "top", job="second"),
    "stream-the-top": StartStream("top", "base", job="second"),
    "stream-below": StartStream("lower", job="second"),
}


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("first", ["commit-upper", "stream-to-upper", "stream-upper-to-base"])
def test_two_jobs(bench: Bench, first: str, second: str) -> None:
    """A layer that a job needs where it is takes part in no other; others can (B-102)."""
    disk.build(bench)
    bench.do(replace(JOBS[first], auto_finalize=False, filter_node="filter"), SECOND[second], FinalizeJob("job"))
    disk.observe(bench)
    bench.finish("two jobs on one disk")
