"""All behaviours of the product by dialect, from the model alone: their texts, and which combinations have them."""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass, field

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import Dialect
from suites.product.case import FULL, ProductCase, all_cases
from suites.product.story import ProductStory

DIALECTS = (Dialect.STOCK, Dialect.V2, Dialect.V3)
AXES = (*FULL, "used", "target")


@dataclass
class Behaviour:
    """A chapter's ``text``, how many ``cases`` have it, and for each axis the values that they have."""

    text: str
    cases: int = 0
    values: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, case: ProductCase) -> None:
        """Count a case in."""
        self.cases += 1
        for axis in AXES:
            self.values[axis].add(str(getattr(case, axis)))


class Ambiguous(Exception):
    """Two cases of one behaviour read differently: the model gave two behaviours one name."""


@functools.cache
def of(dialect: Dialect) -> dict[str, Behaviour]:
    """Return the behaviours of a dialect by name; raises ``Ambiguous``."""
    found: dict[str, Behaviour] = {}
    for case in all_cases():
        story = ProductStory(Rehearsal(dialect), case)
        story.run()
        for chapter in story.chapters:
            behaviour = found.setdefault(chapter.name, Behaviour(chapter.text))
            if behaviour.text != chapter.text:
                raise Ambiguous(
                    f"{chapter.name}, in {case.id} of {dialect}:\n{chapter.text}elsewhere:\n{behaviour.text}"
                )
            behaviour.add(case)
    return found


def table() -> str:
    """Return a row for each behaviour: its cases by dialect, and the values of each axis that it occurs with."""
    known = {dialect: of(dialect) for dialect in DIALECTS}
    names = sorted({name for behaviours in known.values() for name in behaviours})
    head = ["behaviour", *(f"{dialect} cases" for dialect in DIALECTS), *AXES]
    rows = [head, ["---"] * len(head)]
    for name in names:
        counts = [str(known[dialect][name].cases) if name in known[dialect] else "" for dialect in DIALECTS]
        rows.append([f"`{name}`", *counts, *(_values(axis, name, known) for axis in AXES)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _values(axis: str, name: str, known: dict[Dialect, dict[str, Behaviour]]) -> str:
    """Return the values of an axis that a behaviour occurs with in any dialect, in the fewest words."""
    every = list(dict.fromkeys(str(getattr(case, axis)) for case in all_cases()))
    seen = {value for behaviours in known.values() if name in behaviours for value in behaviours[name].values[axis]}
    others = [value for value in every if value not in seen]
    if not others:
        return "any"
    if len(others) < len(seen):
        return f"all but {' '.join(others)}"
    return " ".join(value for value in every if value in seen)
