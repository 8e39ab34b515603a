"""Review mailed series of QEMU: unpack, apply, build, judge and report, each in turn."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from fixtures import reference
from fixtures.host import deadlines
from fixtures.host.console import CannotRun
from fixtures.runs.run import OUT
from fixtures.vocabulary.enums import Dialect
from tools.entry_point import Parser
from tools.reviewing import messages, report, sandbox
from tools.reviewing.judging import Judge
from tools.reviewing.outcome import Review
from tools.reviewing.series import Series, choose
from tools.reviewing.workshop import private_folder

_ENDINGS = re.compile(r"(?:\.(?:gz|mbox|mbx|patch|eml))+$")


def main(arguments: Sequence[str]) -> int:
    """Return 0 if all is as promised, 1 if a case failed; raises ``CannotRun`` if that could not be found out."""
    options, rest = _parser().parse_known_args(arguments)
    return max(review.status for review in _review(options, rest))


def _parser() -> Parser:
    parser = Parser("review", __doc__, "All other arguments are pytest's: see tools/check --help.")
    parser.add_argument("--series", required=True, help="mailbox files (.gz, too) or folders of patches, with commas")
    parser.add_argument("--base", default="stock", help="a reference QEMU or a source tree (default: stock)")
    parser.add_argument("--dialect", help="the dialect that the series claims, or one for each, with commas")
    parser.add_argument("--version", type=int, help="the version to take (default: the newest)")
    parser.add_argument("--each", action="store_true", help="build and run after each patch")
    parser.add_argument("--full", action="store_true", help="run all cases, not only those of make check-quick")
    parser.add_argument("--sandbox", choices=["yes", "no"], default="yes", help="no: run the series unprotected")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the runs (default: out)")
    return parser


def _review(options: argparse.Namespace, rest: list[str]) -> list[Review]:
    """Review each series, printing its report when it is done; all are unpacked before the first is built."""
    deadlines.check()
    mailed = _mailed(options)
    claimed = _claimed(options.dialect, [*mailed])
    box = sandbox.find(wanted=options.sandbox == "yes")
    name = _base(options.base)
    selection = ["-n", "auto", *([] if options.full else ["-m", "not thorough"]), *rest]
    with private_folder() as (place, lock):
        judge = Judge(reference.built(name), place, lock, box, options.out.resolve(), tuple(selection))
        applied = {label: judge.applied(label, series) for label, series in mailed.items()}
        reviews = []
        for label, series in mailed.items():
            reviews.append(judge.review(label, series, applied[label], each=options.each, dialect=claimed.get(label)))
            _print(report.written(reviews[-1]), options.out / label / "report.txt")
    if len(reviews) > 1:
        _print(f"\n{report.compared(reviews)}")
    return reviews


def _mailed(options: argparse.Namespace) -> dict[str, Series]:
    """Return the series by the labels of their runs."""
    found: dict[str, Series] = {}
    for name in filter(None, options.series.split(",")):
        path = Path(name).expanduser()
        if not path.exists():
            raise CannotRun(f"there is no mailbox {name}")
        label = re.sub(r"[^A-Za-z0-9._-]", "_", _ENDINGS.sub("", path.resolve().name)).lstrip(".-") or "series"
        if label in found:
            raise CannotRun(f"two of the mailboxes are named {label}: their runs would be the same")
        _check_place(options.out / label)
        found[label] = choose(messages.read(path), name, options.version)
    if not found:
        raise CannotRun("name a mailbox or a folder of patches: make review SERIES=v3.mbox")
    return found


def _claimed(dialects: str | None, labels: list[str]) -> dict[str, Dialect]:
    """Return the dialect of each series that claims one; a single one is meant for all."""
    try:
        named = [Dialect(name) for name in (dialects or "").split(",") if name]
    except ValueError as problem:
        raise CannotRun(f"--dialect: {problem}; known are {', '.join(Dialect)}") from problem
    if len(named) > 1 and len(named) != len(labels):
        raise CannotRun(f"--dialect names {len(named)} dialects for {len(labels)} series")
    return dict(zip(labels, named if len(named) > 1 else named * len(labels), strict=False))


def _check_place(home: Path) -> None:
    if home.exists() and not (home / "run.json").is_file():
        raise CannotRun(f"{home} holds no run and is left alone: give the mailbox another name")


def _base(name: str) -> str:
    """Return the reference QEMU to start from; a source tree takes the place of Debian's."""
    if name in reference.names():
        return name
    if not Path(name).expanduser().is_dir():
        raise CannotRun(f"BASE={name} is neither a source tree nor one of {', '.join(reference.names())}")
    os.environ["QEMU_SRC"] = str(Path(name).expanduser().resolve())
    return "stock"


def _print(text: str, kept: Path | None = None) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
    if kept:
        kept.write_text(text, encoding="utf-8")
