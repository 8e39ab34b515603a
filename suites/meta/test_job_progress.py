"""What the look back at all that jobs reported finds, and what it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.driver.qemu.job_progress import problem
from fixtures.driver.qemu.wire import WireMessage

START = {"execute": "blockdev-mirror", "arguments": {"job-id": "job", "device": "source"}}


def _event(name: str, offset: int, length: int = 100, kind: str = "mirror", **more: str) -> dict[str, Any]:
    return {"event": name, "data": {"type": kind, "device": "job", "offset": offset, "len": length, **more}}


def _old(offset: int, length: int = 100) -> dict[str, Any]:
    return {"return": [{"type": "mirror", "device": "job", "offset": offset, "len": length}]}


def _new(offset: int) -> dict[str, Any]:
    return {"return": [{"type": "mirror", "id": "job", "current-progress": offset, "total-progress": 100}]}


def _wire(*bodies: dict[str, Any]) -> list[WireMessage]:
    return [WireMessage(0.0, "->" if "execute" in body else "<-", body) for body in bodies]


GOOD = {
    "len-goes-both-ways": (_old(0, 100), _old(0, 50), _old(10, 200)),
    "the-end": (_new(10), _old(10), _event("BLOCK_JOB_READY", 100), _event("BLOCK_JOB_COMPLETED", 120, 120)),
    "a-failure-half-way": (_event("BLOCK_JOB_COMPLETED", 10, error="Input/output error"),),
    "a-cancel-half-way": (_event("BLOCK_JOB_CANCELLED", 10),),
    "another-job-of-that-name": (_old(50), START, _old(0)),
}
BAD = {
    "falls-in-a-reply": ((_old(20), _old(10)), "the offset of job falls from 20 to 10"),
    "falls-between-families": ((_new(20), _old(10)), "the offset of job falls from 20 to 10"),
    "falls-in-an-event": ((_old(20), _event("BLOCK_JOB_CANCELLED", 10)), "the offset of job falls from 20 to 10"),
    "other-type": ((_event("BLOCK_JOB_READY", 100, kind="commit"),), "BLOCK_JOB_READY calls job a commit"),
    "ready-too-early": ((_event("BLOCK_JOB_READY", 90),), "BLOCK_JOB_READY of job with offset 90 and len 100"),
    "completed-too-early": ((_event("BLOCK_JOB_COMPLETED", 90),), "BLOCK_JOB_COMPLETED of job with offset 90"),
}


@pytest.mark.parametrize("messages", GOOD.values(), ids=GOOD)
def test_good(messages: tuple[dict[str, Any], ...]) -> None:
    """What QAPI allows passes."""
    assert problem(_wire(START, *messages)) is None


@pytest.mark.parametrize(("messages", "text"), BAD.values(), ids=BAD)
def test_bad(messages: tuple[dict[str, Any], ...], text: str) -> None:
    """What QAPI does not allow is reported."""
    assert (problem(_wire(START, *messages)) or "").startswith(text)


def test_disturbed() -> None:
    """While a guest's requests are in flight, a job can be READY before they are done."""
    assert problem(_wire(START, _event("BLOCK_JOB_READY", 90)), undisturbed=False) is None
