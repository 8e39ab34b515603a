"""Canonical lines: what differs between cases of one behaviour without meaning anything is left out."""

from __future__ import annotations

import re

_SYMBOLS = (
    (re.compile(r"^-> blockdev-mirror .*"), "-> blockdev-mirror", "its arguments are the axes of the same names"),
    (re.compile(r"\bjob\d+\b"), "job", "the first mirror or a later one"),
    (re.compile(r"READY\(\d+ segments\)"), "READY", "as many as the case wants; the model knows"),
    (re.compile(r"dirty: (?!none).*;"), "dirty: what was not copied;", "the model knows which segments if anybody can"),
)
_UNSAID = re.compile(r"\b(created|aborting|concluded|null|waiting|pending|job|is|io-status|dirty|b0|what|was)\b")


def line(text: str) -> str:
    """Return a line of a transcript without what the axes vary."""
    for pattern, symbol, _ in _SYMBOLS:
        text = pattern.sub(symbol, text)
    return text


def name(chapter: str, lines: list[str]) -> str:
    """Name a behaviour after what was told and seen in it."""
    said = " ".join(_UNSAID.sub("", text[3:]) for text in lines if text.startswith(("** ", "== ")))
    return re.sub(r"[^a-z0-9]+", "-", f"{chapter} {said}".lower()).strip("-")
