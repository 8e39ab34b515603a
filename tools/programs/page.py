"""Write a run, or two that are compared, as one HTML file that needs no server and no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixtures.host.console import CannotRun
from fixtures.runs.page import render
from fixtures.runs.run import OUT, Run, find, load
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Write the page and return 0; raises ``CannotRun`` or ``NoRun`` if there is none."""
    parser = Parser("page", __doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a label below out/ or a folder; two are compared")
    parser.add_argument("--output", type=Path, metavar="FILE", help="(default: index.html in the last run's folder)")
    options = parser.parse_args(arguments)
    if len(options.runs) > 2:
        raise CannotRun(f"one run or two were expected, not {len(options.runs)}")
    runs = [load(find(name)) for name in options.runs]
    path = options.output or _default(runs)
    _write(path, render(runs[-1], runs[0] if len(runs) > 1 else None))
    print(path)
    return 0


def _default(runs: Sequence[Run]) -> Path:
    if len(runs) == 1:
        return runs[0].folder / "index.html"
    return OUT / f"{runs[0].about.label}-{runs[1].about.label}.html"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error
