"""Write a run in the words of other programs: JUnit XML, TAP, KCIDB, GitHub's annotations and summary, durations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fixtures.host.console import CannotRun
from fixtures.runs.export import durations, github, junit, kcidb, tap
from fixtures.runs.run import Run, find, load
from tools.entry_point import Parser

_FORMATS = {
    "junit": ("JUnit XML", junit.text),
    "tap": ("TAP", tap.text),
    "kcidb": ("KCIDB's JSON, with known issues and incidents", kcidb.text),
    "durations": ("seconds by case, for --splits", durations.text),
}


def main(arguments: Sequence[str]) -> int:
    """Write what was asked for and return 0; raises ``CannotRun`` or ``NoRun`` if something is missing."""
    parser = Parser("export", __doc__)
    parser.add_argument("run", help="a label below out/, or the folder of a run")
    for name, (what, _) in _FORMATS.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write {what}")
    parser.add_argument("--github", action="store_true", help="print annotations, add to $GITHUB_STEP_SUMMARY")
    options = parser.parse_args(arguments)
    run = load(find(options.run))
    for name, (_, text) in _FORMATS.items():
        if path := getattr(options, name):
            _write(path, text(run))
    if options.github:
        _write_github(run)
    return 0


def _write_github(run: Run) -> None:
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        raise CannotRun("GITHUB_STEP_SUMMARY is not set: --github is for GitHub's workflows")
    for line in github.commands(run):
        print(line)
    _write(Path(summary), github.summary(run), mode="a")


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error
