"""Run the suites again and again under load and report each case that does not give the same every time."""

from __future__ import annotations

import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.plugin.image_folder import memory
from tools import load
from tools.entry_point import Parser

LABEL = "stress"
Result = tuple[str, str]
"""A case's outcome and the digest of its transcript."""


def main(arguments: Sequence[str]) -> int:
    """Return 0 if every round passed alike, 1 if a case failed or differed; raises ``CannotRun``."""
    parser = Parser("stress", __doc__, "All other arguments are pytest's: see tools/check --help.")
    parser.add_qemu()
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: 5)")
    parser.add_argument("--images", help="folder for images and for the load's writer (default: as tools/check)")
    options, rest = parser.parse_known_args(arguments)
    if options.rounds < 1:
        raise CannotRun("--rounds must be at least 1")
    with load.on(options.images or memory()):
        images = [f"--images={options.images}"] if options.images else []
        seen = rounds(options.qemu, options.rounds, [*images, *rest])
    return verdict(seen, options.rounds)


def rounds(qemu: str, count: int, rest: Sequence[str]) -> dict[str, Counter[Result]]:
    """Run the suites ``count`` times and return how often each case gave what."""
    seen: dict[str, Counter[Result]] = defaultdict(Counter)
    for number in range(1, count + 1):
        print(f"round {number} of {count}", flush=True)
        command = [str(ROOT / "tools" / "check"), "--qemu", qemu, f"--label={LABEL}", "-q", *rest]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise CannotRun(f"round {number} could not run:\n{(done.stdout + done.stderr)[-2000:]}")
        for case, result in results(ROOT / "out" / LABEL / "cases.jsonl").items():
            seen[case][result] += 1
    return seen


def results(record: Path) -> dict[str, Result]:
    """Return what each case of a round gave."""
    cases = map(json.loads, record.read_text(encoding="utf-8").splitlines())
    return {case["id"]: (case["outcome"], case["transcript"]) for case in cases}


def verdict(seen: Mapping[str, Counter[Result]], count: int) -> int:
    """Print each case that failed or differed with its rate; return 1 if there is one, else 0."""
    lines = [line for case in sorted(seen) for line in _trouble(case, seen[case], count)]
    print(*lines, f"{len(seen)} cases, {count} rounds under load: {len(lines)} not the same or failed", sep="\n")
    return 1 if lines else 0


def _trouble(case: str, given: Counter[Result], count: int) -> list[str]:
    failed = sum(times for (outcome, _), times in given.items() if outcome == "failed")
    texts = len({text for outcome, text in given if outcome != "failed"})
    trouble = [f"failed in {failed} of {count} rounds"] if failed else []
    trouble += [f"gave {texts} different transcripts"] if texts > 1 else []
    trouble += [f"was missing in {count - given.total()} of {count} rounds"] if given.total() < count else []
    return [f"{case}: {', '.join(trouble)}"] if trouble else []
