"""Runs the script of a case and compares what QEMU says then with what it said to the suite."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from fixtures.repro.recording import Answer
from fixtures.subject.subject import Subject
from fixtures.transcript import normalisers
from fixtures.transcript.normalisers import PASSING_STATES
from fixtures.transcript.transcript import event_of

Messages = Sequence[dict[str, Any]]


def run(answer: Answer, subject: Subject, folder: Path) -> str:
    """Run the script with images in ``folder`` and return what it printed.

    It must leave no file there, and unless the case failed, only QEMU may write to stderr.
    """
    programs = {"QEMU": str(subject.binaries.system), "QEMU_IMG": str(subject.binaries.img), "TMPDIR": str(folder)}
    command = ["bash", "-c", answer.script]
    done = subprocess.run(
        command, env=os.environ | programs, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert list(folder.iterdir()) == []
    complaints = [line for line in done.stderr.splitlines() if not line.startswith(subject.binaries.system.name)]
    assert answer.failure or not complaints, f"{answer.case}: {complaints}"
    return done.stdout


def differences(answer: Answer, output: str) -> list[str]:
    """Return where the script heard other replies, jobs, complaints or verdicts than the suite, if anywhere.

    A case that failed is compared up to there. If QEMU was killed, some events may not have been read.
    """
    heard = list(_heard(output))
    ours, theirs = _replies(answer.wire), _replies(heard)
    if answer.failure and theirs:  # a crash may come some commands sooner or later
        ours, theirs = ours[: len(theirs)], theirs[: len(ours)]
    lines = [f"{one} != {other}" for one, other in zip_longest(ours, theirs) if one != other]
    if answer.failure:
        return lines
    lines += _complaints(answer.script, output)
    ended = any(message.get("execute") == "quit" for message in answer.wire)
    emitted, repeated = _events(answer.wire), _events(heard)
    for job in sorted(emitted.keys() | repeated.keys()):
        one, other = emitted[job], repeated[job]
        if one != other if ended else one[: len(other)] != other[: len(one)]:
            lines.append(f"{job}: {one} != {other}")
    return lines


def _complaints(script: str, output: str) -> list[str]:
    """Return what qemu-io and qemu-img had to say otherwise than the story says in a comment of the script."""
    printed = [line for line in output.splitlines() if line.startswith("<- ") and line[3] != "{"]
    noise = r"^<- (wrote|Formatting|blkdebug:) | ops; "
    lines = [line for line in printed if line not in script and not re.search(noise, line)]
    expected, found = script.count("differ from"), output.count("ismatch at offset")
    if expected > found or output.count("are identical") < script.count("are identical"):
        lines.append(f"the story tells of {expected} differences, the script of {found}, or fewer images are identical")
    return lines


def _heard(output: str) -> Iterator[dict[str, Any]]:
    """Yield the messages that a script printed."""
    for line in output.splitlines():
        mark, _, text = line.partition(" ")
        if mark == "->" and not text.startswith("qemu-img "):
            yield {"execute": text.partition(" ")[0]}
        elif mark == "<-" and text.startswith("{"):
            yield json.loads(text)


def _replies(messages: Messages) -> list[tuple[str, object]]:
    """Return the commands of the story with their replies; QEMU answers in the order in which it is asked."""
    commands = [message["execute"] for message in messages if "execute" in message]
    replies = [message.get("return", message.get("error")) for message in messages if {"return", "error"} & {*message}]
    return [(one, _steady(reply)) for one, reply in zip(commands, replies, strict=False) if normalisers.is_shown(one)]


def _steady(reply: object) -> object:
    """Return a reply, a text for people without the numbers that QEMU draws for nodes that have no name."""
    return re.sub(r"#block\d+", "#block", reply) if isinstance(reply, str) else reply


def _events(messages: Messages) -> defaultdict[str, list[str]]:
    """Return the events of each job, without drained-section pauses and repeated errors (see ``JobWatch``)."""
    events: defaultdict[str, list[str]] = defaultdict(list)
    passing: dict[str, str] = {}
    for job, event in filter(None, (event_of(message) for message in messages if "event" in message)):
        if event.name in PASSING_STATES:
            passing[job] = PASSING_STATES[event.name]
        elif passing.pop(job, None) != event.name and events[job][-1:] != [event.name]:
            events[job].append(event.name)
    return events
