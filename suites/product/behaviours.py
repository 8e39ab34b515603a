"""All behaviours of the product by dialect, from the model alone: their texts, and which combinations have them."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass, field

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import Dialect
from suites.parameters.covering import Row
from suites.product import design
from suites.product.design import ALL_PARTS
from suites.product.flight_story import FlightStory
from suites.product.in_flight import IN_FLIGHT
from suites.product.mode_parts import MODES
from suites.product.parts import HEART
from suites.product.story import ProductStory

DIALECTS = tuple(Dialect)
COUNTED = ("copy_mode", "granularity", "moment", "command", "mode")
"""The axes by which cases of a behaviour are counted."""
_MIRRORS = (HEART.name, MODES.name, IN_FLIGHT.name)
"""The parts that mirror what a bitmap says."""


@dataclass
class Behaviour:
    """A chapter's ``text``, how many ``cases`` have it, and how many of each value of the counted axes."""

    text: str
    cases: int = 0
    values: Counter[tuple[str, object]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Told:
    """What the model says of a dialect: its behaviours by name, and the cases that ran on the bitmap."""

    behaviours: dict[str, Behaviour]
    started: list[Row]
    refused: int


class Ambiguous(Exception):
    """Two cases of one behaviour read differently: the model gave two behaviours one name."""


@functools.cache
def of(dialect: Dialect) -> Told:
    """Rehearse every case in a dialect that it is run in; raises ``Ambiguous``."""
    told = Told({}, [], 0)
    refused = 0
    for entry in (entry for part in ALL_PARTS if dialect in part.dialects for entry in design.of(part)):
        bench = Rehearsal(dialect)
        if entry.part == IN_FLIGHT.name:
            FlightStory(bench, entry.case).run()
        else:
            story = ProductStory(bench, entry.case)
            story.run()
            _add(told.behaviours, story, entry.id)
        job = bench.state.jobs.get("job")
        refused += job is None
        if job and job.step.bitmap and entry.part in _MIRRORS:
            told.started.append(entry.row)
    return Told(told.behaviours, told.started, refused)


def _add(found: dict[str, Behaviour], story: ProductStory, case: str) -> None:
    """Count a case in; raises ``Ambiguous``."""
    for chapter in story.chapters:
        behaviour = found.setdefault(chapter.name, Behaviour(chapter.text))
        if behaviour.text != chapter.text:
            raise Ambiguous(f"{chapter.name}, in {case}:\n{chapter.text}elsewhere:\n{behaviour.text}")
    for name in {chapter.name for chapter in story.chapters}:
        found[name].cases += 1
        found[name].values.update((axis, getattr(story.case, axis, None)) for axis in COUNTED)
