"""A series: its patches in their order, chosen from all that a thread holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from email.utils import mktime_tz, parsedate_tz

from fixtures.host.console import CannotRun
from tools.reviewing import body

_REPLY = re.compile(r"\s*(?:re|aw|sv|fwd?|antw)\s*(?:\[\d+\])?:", re.IGNORECASE)
_TAGS = re.compile(r"\s*(?:\[[^\]]*\]\s*)*")
_NUMBER = re.compile(r"\b(\d{1,3})\s*/\s*(\d{1,3})\b")
_VERSION = re.compile(r"(?:\b|(?<=PATCH))v(\d{1,3})(?:\.\d+)?\b", re.IGNORECASE)
_AUTHOR = re.compile(rb"\s*From: (.+)\n")
_NAME = re.compile(r'"?([^<"]*[^<"\s])"?\s*<')


@dataclass(frozen=True)
class Patch:
    """A mail of a series; ``number`` is 0 for the cover letter. ``body`` is the mail's text with LF line ends."""

    version: int
    number: int
    total: int
    title: str
    author: str
    when: float
    charset: str
    body: bytes = field(repr=False)

    @property
    def diff(self) -> bytes:
        """Return the changes alone."""
        return body.diff(self.body)

    @property
    def place(self) -> str:
        """Return its number as the subject has it."""
        return f"{self.number}/{self.total}"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the changes, whatever empty lines the way here added at the end."""
        return hashlib.sha256(self.diff.rstrip()).hexdigest()


@dataclass(frozen=True)
class Series:
    """What is reviewed: ``patches`` in their order, numbers that are ``missing``, and ``notes`` on the choice."""

    version: int
    title: str
    patches: tuple[Patch, ...]
    missing: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return how many patches it says to have."""
        return self.patches[0].total


def choose(mails: Iterable[Message], origin: str, version: int | None = None) -> Series:
    """Return the newest series of a thread, or the version asked for; raises ``CannotRun`` if there is none."""
    everything = list(mails)
    found = [patch for mail in everything if (patch := parse(mail))]
    versions = sorted({patch.version for patch in found if patch.number})
    if not versions:
        raise CannotRun(f"{origin} holds no patch among its {len(everything)} mails")
    wanted = versions[-1] if version is None else version
    if wanted not in versions:
        raise CannotRun(f"{origin} holds no v{wanted}, only {_listed(versions)}")
    notes = [f"{_listed([one])} was left out" for one in versions if one != wanted]
    ignored = len(everything) - len(found)
    notes += [f"{ignored} other mail{'s'[: ignored != 1]} ignored"] if ignored else []
    return _assembled([patch for patch in found if patch.version == wanted], notes, origin)


def parse(mail: Message) -> Patch | None:
    """Return the patch or cover letter that a mail is, or None for a reply or anything else."""
    subject = body.header(mail, "Subject")
    tagged = _TAGS.match(subject)
    tags = tagged[0] if tagged else ""
    if _REPLY.match(subject) or not re.search(r"PATCH|RFC", tags, re.IGNORECASE):
        return None
    text = body.text(mail)
    numbers = _NUMBER.search(tags)
    number, total = (int(numbers[1]), int(numbers[2])) if numbers else (1, 1)
    if number and not body.diff(text):
        return None
    version = _VERSION.search(tags)
    own = _AUTHOR.match(text)
    author = own[1].decode("utf-8", "replace") if own else body.header(mail, "From")
    named = _NAME.match(author)
    return Patch(
        version=int(version[1]) if version else 1,
        number=number,
        total=total,
        title=subject.removeprefix(tags).strip() or "(no title)",
        author=named[1] if named else author or "unknown",
        when=_when(mail),
        charset=body.charset(mail),
        body=text,
    )


def _when(mail: Message) -> float:
    date = parsedate_tz(body.header(mail, "Date"))
    try:
        return mktime_tz(date) if date else 0
    except (OverflowError, ValueError):
        return 0


def _assembled(found: list[Patch], notes: list[str], origin: str) -> Series:
    totals = {patch.total for patch in found}
    if len(totals) > 1:
        raise CannotRun(f"{origin} holds series of {_and(map(str, sorted(totals)))} patches: keep one of them in it")
    cover, numbered = _unique([patch for patch in found if not patch.number], []), [one for one in found if one.number]
    patches = _unique(numbered, notes, origin)
    missing = tuple(number for number in range(1, max(totals) + 1) if number not in {one.number for one in patches})
    notes += [f"patch {number}/{max(totals)} is not in it" for number in missing]
    title = cover[0].title if cover else patches[0].title
    notes += [] if cover or max(totals) == 1 else ["no cover letter in it"]
    return Series(patches[0].version, title, tuple(patches), missing, tuple(notes))


def _unique(patches: list[Patch], notes: list[str], origin: str = "") -> list[Patch]:
    """Return one patch for each number, in order: of one that was sent again the newest."""
    chosen: dict[int, Patch] = {}
    for patch in sorted(patches, key=lambda one: (one.number, one.when)):
        if earlier := chosen.get(patch.number):
            if earlier.title != patch.title and origin:
                raise CannotRun(f"{origin} holds two patches {patch.place}: {earlier.title!r} and {patch.title!r}")
            same = earlier.digest == patch.digest
            notes.append(
                f"patch {patch.place} is in it twice" + ("" if same else ", differing; the newer one was taken")
            )
        chosen[patch.number] = patch
    return list(chosen.values())


def _listed(versions: list[int]) -> str:
    return _and(f"v{version}" for version in versions)


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
