"""How far ninja is: a bar on a terminal, a line for every tenth elsewhere."""

import re
import sys
from collections.abc import Iterable, Iterator

from tools import cache

STEP = re.compile(r"\[(\d+)/(\d+)\] ")


def shown(lines: Iterable[str], name: str, *, quiet: bool) -> Iterator[str]:
    """Pass ninja's lines on while showing the steps that they count."""
    if quiet:
        return iter(lines)
    return _bar(lines, name) if sys.stderr.isatty() else _tenths(lines, name)


def _bar(lines: Iterable[str], name: str) -> Iterator[str]:
    from tqdm import tqdm  # noqa: PLC0415 - asking for a finished build must not wait for this import

    with tqdm(desc=name, unit="step", leave=False) as bar:
        for line in lines:
            if match := STEP.match(line):
                bar.total = int(match[2])
                bar.update(int(match[1]) - bar.n)
            yield line


def _tenths(lines: Iterable[str], name: str) -> Iterator[str]:
    said = 0
    for line in lines:
        if match := STEP.match(line):
            done, total = int(match[1]), int(match[2])
            if (tenths := 10 * done // total) > said:
                cache.say(f"{name}: step {done} of {total}, {10 * tenths} %")
                said = tenths
        yield line
