"""Runs made by hand, as small as a test needs them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from fixtures.runs.result import About, Outcome, QemuFacts, Result
from fixtures.runs.run import Run, load, place

MODULE = "suites/room/test_cases.py"
BEGUN, ENDED = "2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00"
ABOUT = About("", QemuFacts("v9", "9.8.7", "v3", "/bin/qemu"), BEGUN, ended=ENDED, status=0, suite="1.0")


def case(name: str, outcome: Outcome = Outcome.PASSED, reason: str = "", shown: str = "", **axes: str) -> Result:
    """Return how a case ended; ``shown`` stands for its transcript until it is kept."""
    return Result(f"{MODULE}::{name}", outcome, reason, axes=axes, transcript=shown)


def keep(folder: Path, cases: Iterable[Result], about: About = ABOUT) -> Run:
    """Write a run into a folder, whose name becomes its label, and read it."""
    results = list(cases)
    folder.mkdir(parents=True)
    lines = []
    for result in results:
        text = f"# {result.id}\n{result.transcript}\n"
        path = folder / "transcripts" / place(result.id, ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        lines.append(json.dumps(asdict(replace(result, transcript=hashlib.sha256(text.encode()).hexdigest()))) + "\n")
    (folder / "cases.jsonl").write_text("".join(lines))
    (folder / "run.json").write_text(json.dumps(asdict(replace(about, label=folder.name, cases=len(results)))))
    return load(folder)
