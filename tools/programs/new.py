"""Make a case, a step, a normaliser or a patch from a template whose comments explain it, and say what comes next.

    tools/new case SUITE NAME         suites/SUITE/test_NAME.py
    tools/new step ROOM NAME          a value in fixtures/vocabulary/steps/ROOM.py
    tools/new normaliser NAME         a row of the table in fixtures/transcript/normalisers.py
    tools/new patch SERIES NAME       the next patch of series/SERIES, which may be new

A name that is bad or taken is refused, and nothing is written then.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import localtime
from pathlib import Path
from string import Template

from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.reference.recipe import FIXES
from tools.entry_point import Parser

_LOWER, _CLASS, _CONSTANT, _FILE = r"[a-z][a-z0-9_]*", r"[A-Z][A-Za-z0-9]*", r"[A-Z][A-Z0-9_]*", r"[a-z0-9][a-z0-9-]*"


@dataclass(frozen=True)
class Draft:
    """A file's whole new text, and what to do once it is written."""

    path: Path
    text: str
    advice: str


def main(arguments: Sequence[str]) -> int:
    """Write what is asked for and return 0; raises ``CannotRun``, having written nothing."""
    parser = Parser("new", __doc__)
    parser.add_argument("kind", metavar="KIND", choices=_DRAFTS, help=", ".join(_DRAFTS))
    parser.add_argument("names", metavar="NAME", nargs="+", help="where it belongs, but for a normaliser, and its name")
    options = parser.parse_args(arguments)
    make, places = _DRAFTS[options.kind]
    if len(options.names) != len(places):
        raise CannotRun(f"tools/new {options.kind} {' '.join(places)}: {len(options.names)} names were given")
    draft = make(*options.names)
    draft.path.parent.mkdir(exist_ok=True)
    draft.path.write_text(draft.text, encoding="utf-8")
    if draft.path.suffix == ".py":
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", draft.path], cwd=ROOT, check=True)
    print(f"{draft.path.relative_to(ROOT)}\n\n{draft.advice.strip()}")
    return 0


def case(suite: str, name: str) -> Draft:
    """Return a module with one case."""
    _check("case", name, _LOWER, "small letters, digits and _")
    suites = sorted({path.parent.name for path in (ROOT / "suites").glob("*/test_*.py")} - {"meta"})
    path = ROOT / "suites" / suite / f"test_{name}.py"
    if suite not in suites:
        raise CannotRun(f"there is no suite {suite}, only {', '.join(suites)}")
    if path.exists():
        raise CannotRun(f"{path.relative_to(ROOT)} exists already")
    return Draft(path, _rendered("case", name=name), _advice("case", suite=suite, name=name))


def step(room: str, name: str) -> Draft:
    """Return a module of steps with one more."""
    _check("step", name, _CLASS, "a class's name, such as StartMirror")
    steps = ROOT / "fixtures" / "vocabulary" / "steps"
    rooms = sorted(path.stem for path in steps.glob("[!_]*.py"))
    if room not in rooms:
        raise CannotRun(f"there are no steps {room}, only {', '.join(rooms)}")
    path = steps / f"{room}.py"
    before = path.read_text(encoding="utf-8")
    if any(f"class {name}:" in other.read_text(encoding="utf-8") for other in steps.glob("*.py")):
        raise CannotRun(f"there is a step {name} already")
    union = list(re.finditer(r"^(\w+Step) = ", before, re.MULTILINE))[-1]
    text = _inserted(before, union.start(), _rendered("step", name=name))
    return Draft(path, text, _advice("step", union=union[1], name=name))


def normaliser(name: str) -> Draft:
    """Return the table of normalisers with one more."""
    _check("normaliser", name, _CONSTANT, "a constant's name, such as SIZES")
    path = ROOT / "fixtures" / "transcript" / "normalisers.py"
    before = path.read_text(encoding="utf-8")
    if re.search(rf"^{name} = ", before, re.MULTILINE):
        raise CannotRun(f"there is a normaliser {name} already")
    table = before.rindex("\n\n", 0, before.index("\nTABLE = "))
    text = _inserted(before, table, _rendered("normaliser", name=name), ("\n\n", "\n\n"))
    return Draft(path, text, _advice("normaliser", name=name))


def patch(series: str, name: str) -> Draft:
    """Return the next patch of a series: one that changes nothing yet."""
    _check("series", series, _FILE, "small letters, digits and -")
    _check("patch", name, _FILE, "small letters, digits and -")
    folder = ROOT / "series" / series
    present = sorted(path.name for path in folder.glob("*.patch"))
    if any(other.partition("-")[2] == f"{name}.patch" for other in present):
        raise CannotRun(f"series/{series} has a patch {name} already")
    number = int(present[-1].partition("-")[0]) + 1 if present else 1
    path = folder / f"{number:04}-{name}.patch"
    values = {"author": _author(), "date": f"{localtime():%a, %d %b %Y %H:%M:%S %z}", "words": name.replace("-", " ")}
    advice = _advice("patch", series="v3" if series == FIXES else series)
    return Draft(path, _rendered("patch", name=name, **values), advice)


_DRAFTS: dict[str, tuple[Callable[..., Draft], tuple[str, ...]]] = {
    "case": (case, ("SUITE", "NAME")),
    "step": (step, ("ROOM", "NAME")),
    "normaliser": (normaliser, ("NAME",)),
    "patch": (patch, ("SERIES", "NAME")),
}


def _check(kind: str, name: str, pattern: str, rule: str) -> None:
    if not re.fullmatch(pattern, name):
        raise CannotRun(f"{name!r} is no name of a {kind}: {rule}")


def _rendered(kind: str, **values: str) -> str:
    return Template((ROOT / "tools" / "templates" / f"{kind}.txt").read_text(encoding="utf-8")).substitute(values)


def _advice(kind: str, **values: str) -> str:
    return _rendered(f"{kind}.next", **values)


def _inserted(text: str, at: int, part: str, space: tuple[str, str] = ("\n\n\n", "\n\n\n")) -> str:
    """Return a module's text with a part before one of its statements, with ``space`` before and after."""
    return f"{text[:at].rstrip()}{space[0]}{part.strip()}{space[1]}{text[at:].lstrip()}"


def _author() -> str:
    """Return the name and address that git has for the user, or a made-up one."""
    asked = subprocess.run(["git", "var", "GIT_AUTHOR_IDENT"], cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.stdout.rpartition(" ")[0].rpartition(" ")[0] or "Your Name <you@example.org>"
