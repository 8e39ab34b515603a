"""Canonical lines: what differs between cases of one behaviour without meaning anything is written as a symbol."""

from __future__ import annotations

import re

_SYMBOLS = (
    (re.compile(r" granularity=\S+"), "", "G: the axis of the same name, given or not"),
    (re.compile(r"\bsync=\S+"), "sync=S", "S: the axis of the same name"),
    (re.compile(r" copy-mode=\S+"), "", "the axis of the same name"),
    (re.compile(r"Sync mode '[a-z]+'"), "Sync mode 'S'", "S"),
    (re.compile(r"does not accept value '[a-z]+'"), "does not accept value 'S'", "S"),
    (
        re.compile(r"READY\(\d+ segments\)"),
        "READY",
        "as large as the case wants; the model knows how many",
    ),
    (re.compile(r"granularity \d+ is"), "granularity G is", "G"),
    (re.compile(r"cluster size \d+"), "cluster size C", "C: the target's"),
    (
        re.compile(r" target=target\.\w+ node-name=target mode=\S+( format=\S+)?"),
        " target=FILE",
        "FILE: existing or not",
    ),
    (re.compile(r" (speed|auto-finalize)=\S+"), "", "how a moment is reached"),
)


def line(text: str) -> str:
    """Return a line of a transcript with symbols for what the axes vary."""
    for pattern, symbol, _ in _SYMBOLS:
        text = pattern.sub(symbol, text)
    return text


def outcome(lines: list[str]) -> str:
    """Name what came of a chapter, from the model's predictions in it: a refusal, events, states of bitmaps."""
    refusals = [f"refused-{_refusal(text)}" for text in lines if text.startswith("<- ")]
    states = [text.partition("dirty: ")[2] for text in lines if text.startswith("== ")]
    events = [word for text in lines if text.startswith("** ") for word in text.split() if word.isupper()]
    return " ".join([*refusals, *events, *states])


def _refusal(text: str) -> str:
    return next((name for part, name in _REFUSALS.items() if part in text), text)


_REFUSALS = {
    "in use by another operation": "busy",
    "Need a root block node": "second-job",
    "already exists": "exists",
    "not found": "not-found",
    "is not enabled": "disabled",
    "not supported with bitmap": "sync-with-bitmap",
    "does not accept value": "sync-value",
    "Sync mode 'S' not supported": "sync-mode",
    "'bitmap' is unexpected": "no-feature",
    "a value in range": "granularity-range",
    "a power of 2": "granularity-power",
    "must be power of 2": "bitmap-granularity",
    "expects uint32": "granularity-uint32",
    "no backing file": "granularity-below-cluster-unbacked",
    "is not a multiple of": "granularity-below-cluster",
}
