"""The cases of the product, as they are kept in files: made once by a greedy choice that takes minutes.

Each line is a case: a letter for the value of each axis, then marks. What letters stand for is said at the top, so a
changed axis makes a file useless until ``make design`` writes it anew.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_letters
from typing import Any

from suites.parameters.covering import Row, pairs_of, subset, wanted
from suites.parameters.layouts import Layout
from suites.parameters.strength import cover
from suites.product.axes import Amount, Ending, Opening, SourceKind, TargetKind
from suites.product.case import AXES, MODE_AXES, ProductCase
from suites.product.in_flight import IN_FLIGHT
from suites.product.mode_parts import MODE_PARTS
from suites.product.parts import PARTS, Part

_HEAD = """\
# The cases of suites/product, written by `make design`: do not edit. An axis is followed by its values, which are
# a, b, c, ... below; a line is a case, with the value of each axis. q: in the quick subset; i: images are examined.
"""
_IMAGE_AXES = ("sync", "copy_mode", "ending", "command", "target", "source", "discard", "size", "written", "late")
"""Those that shape what the images hold at the end."""

_LAST: dict[str, tuple[object, ...]] = {
    "amount": (Amount.NONE, Amount.ALL, Amount.MORE),
    "opening": (Opening.NATIVE,),
}
"""Values that come where no other brings as much: their cases take half as long again as the mean, or copy nothing."""
_LONG_LAYOUTS = (Layout.DATA_FILE, Layout.RAW_DATA_FILE, Layout.EXTENDED_L2)
_LONG: dict[str, tuple[object, ...]] = {
    "amount": (Amount.ALL,),
    "ending": (Ending.WRITE_ERROR, Ending.FLUSH_ERROR),
    "layout": _LONG_LAYOUTS,
    "target_layout": _LONG_LAYOUTS,
    "opening": (Opening.NATIVE, Opening.THROTTLED_TARGET),
    "source": (SourceKind.BACKED,),
    "target": (TargetKind.BACKED, TargetKind.BACKED_LARGE, TargetKind.LARGE_CLUSTERS, TargetKind.UNMAP),
}
"""Values whose cases take longest of their axis: a tenth more than the mean of all, and more."""


@dataclass(frozen=True)
class Entry:
    """A case of a part, under an ``id`` of its own. ``quick``: it is run by `make check-quick`."""

    part: str
    id: str
    case: ProductCase
    quick: bool
    examined: bool

    @property
    def row(self) -> Row:
        """Return the value of each axis by its name."""
        return self.case.row


@dataclass(frozen=True)
class Design:
    """A file of cases: parts of the same ``axes``."""

    name: str
    axes: Mapping[str, Sequence[object]]
    parts: tuple[Part, ...]

    @property
    def file(self) -> Path:
        """Return where the cases are kept."""
        return Path(__file__).with_name(self.name)

    @property
    def head(self) -> str:
        """Return what stands above them."""
        axes = [f"{axis}: {' '.join(map(str, values))}" for axis, values in self.axes.items()]
        return "\n".join([_HEAD + axes[0], *axes[1:]])


DESIGNS = (Design("design.txt", AXES, (*PARTS, IN_FLIGHT)), Design("design-v1.txt", MODE_AXES, MODE_PARTS))
ALL_PARTS = tuple(part for design in DESIGNS for part in design.parts)


@functools.cache
def entries() -> tuple[Entry, ...]:
    """Return all cases in a fixed order; raises ``ValueError`` if they were made for other axes."""
    return tuple(entry for design in DESIGNS for entry in _entries(design))


def of(part: Part) -> list[Entry]:
    """Return the cases of a part."""
    return [entry for entry in entries() if entry.part == part.name]


def write() -> None:
    """Make the cases anew and write them."""
    for design in DESIGNS:
        design.file.write_text(text(design), encoding="utf-8")


def text(design: Design) -> str:
    """Return a file of cases, made anew; takes minutes."""
    lines = [line for part in design.parts for line in (f"= {part.name}", *_lines(made(part), part, design))]
    return "\n".join([design.head, "", *lines]) + "\n"


def _entries(design: Design) -> Iterator[Entry]:
    head, _, lines = design.file.read_text(encoding="utf-8").partition("\n\n")
    if head != design.head:
        raise ValueError(f"{design.file} was made for other axes: run `make design`")
    return _read(lines.splitlines(), design)


def made(part: Part) -> list[ProductCase]:
    """Return the cases of a part by a greedy choice; takes minutes."""
    rows, _ = cover(part.rows(), part.first, part.axes, part.leading, part.rules, last=_LAST)
    return [part.case(**row) for row in rows]  # type: ignore[arg-type]


def _lines(cases: Sequence[ProductCase], part: Part, design: Design) -> Iterator[str]:
    quick = set(subset(cases, part.quick_pairs(case.row for case in cases), _length))
    of_images = (pair for case in cases for pair in pairs_of(case.row))
    examined = set(subset(cases, wanted(of_images, lambda one, other: one in _IMAGE_AXES and other in _IMAGE_AXES)))
    for case in cases:
        letters = "".join(
            ascii_letters[list(values).index(getattr(case, axis))] for axis, values in design.axes.items()
        )
        marks = "q" * (case in quick) + "i" * (case in examined and "refused" not in part.name)
        yield f"{letters} {marks}".rstrip()


def _length(case: ProductCase) -> int:
    """Return how many of a case's values make it take longer than most: of two that serve, the quick subset has the
    shorter one."""
    return sum(getattr(case, axis) in values for axis, values in _LONG.items())


def _read(lines: Sequence[str], design: Design) -> Iterator[Entry]:
    known: list[tuple[str, dict[str, Any]]] = [
        (axis, dict(zip(ascii_letters, values, strict=False))) for axis, values in design.axes.items()
    ]
    parts = {part.name: part for part in design.parts}
    seen: Counter[str] = Counter()
    part = design.parts[0]
    for line in lines:
        if line.startswith("= "):
            part = parts[line[2:]]
            continue
        letters, _, marks = line.partition(" ")
        case = part.case(**{axis: values[one] for one, (axis, values) in zip(letters, known, strict=True)})
        name = "-".join(str(getattr(case, axis)) for axis in part.named)
        seen[part.name + name] += 1
        again = seen[part.name + name]
        yield Entry(part.name, name if again == 1 else f"{name}-{again}", case, "q" in marks, "i" in marks)
