"""The least of a source tree that patches fit: the lines that their hunks show, at their places, between fillers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_FILE = re.compile(r"^--- (?:a/(\S+)|/dev/null)\n\+\+\+ b/(\S+)\n((?:@@ .*\n(?:[-+ ].*\n)+)+)", re.MULTILINE)
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)\S* @@.*\n((?:[-+ ].*\n)+)", re.MULTILINE)
_SIGNATURE = "-- \n"
_OFFSET = 200
LINES = 10_000


class _Line:
    """A line of the base; its text is None until a hunk shows it."""

    def __init__(self, text: str | None = None):
        self.text = text


class SmallTree:
    """A base whose files are found out from several sequences of patches that were made on it."""

    def __init__(self) -> None:
        self._base: dict[str, list[_Line]] = {}

    def learn(self, patches: Sequence[Path]) -> None:
        """Learn from patches that follow each other; asserts that they agree with each other and with those before."""
        state = {path: list(lines) for path, lines in self._base.items()}
        for patch in patches:
            for path, created, hunks in _files(patch):
                if path not in state:
                    self._base[path] = [] if created else [_Line() for _ in range(LINES)]
                    state[path] = list(self._base[path])
                for start, lines in hunks:
                    _advance(state[path], start, lines, f"{patch.name}, {path}, line")

    def write(self, folder: Path) -> None:
        """Write the files of the base into a folder."""
        for path, lines in self._base.items():
            if lines:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                text = (line.text or f"filler {number}\n" for number, line in enumerate(lines))
                (folder / path).write_text("".join(text), encoding="utf-8")


def _files(patch: Path) -> Iterator[tuple[str, bool, list[tuple[int, list[str]]]]]:
    """Yield each file of a patch: its path, whether the patch creates it, its hunks by the numbers of first lines."""
    text = patch.read_text(encoding="utf-8").rpartition(_SIGNATURE)[0]
    for old, path, hunks in _FILE.findall(text):
        found = [(int(first), body.splitlines(keepends=True)) for first, body in _HUNK.findall(hunks)]
        yield path, not old, found


def _advance(state: list[_Line], first: int, hunk: list[str], place: str) -> None:
    """Apply a hunk whose new lines are numbered from about ``first``, learning the lines that it shows."""
    at = _place(state, max(first - 1, 0), [line[1:] for line in hunk if line[0] != "+"])
    for line in hunk:
        if line[0] == "+":
            state.insert(at, _Line(line[1:]))
        else:
            state[at].text = state[at].text or line[1:]
            assert state[at].text == line[1:], f"{place} {at + 1} reads otherwise in an earlier patch"
        if line[0] == "-":
            del state[at]
        else:
            at += 1


def _place(state: list[_Line], wanted: int, shown: list[str]) -> int:
    """Return the place of a hunk: as numbered, or where most is known of what it shows if that is not possible.

    A patch that was made on another base applies at an offset.
    """

    def known(at: int) -> int:
        texts = [line.text for line in state[at : at + len(shown)]]
        fits = len(texts) == len(shown) and all(text in (None, line) for text, line in zip(texts, shown, strict=True))
        return sum(text is not None for text in texts) if fits else -1

    near = range(max(wanted - _OFFSET, 0), wanted + _OFFSET)
    return wanted if known(wanted) >= 0 else max(near, key=lambda at: (known(at), -abs(at - wanted)))
