"""Mailboxes as archives give them, made from the patches of ``series`` when a test runs."""

from __future__ import annotations

from dataclasses import dataclass
from email.header import Header
from pathlib import Path

from fixtures.host.folders import ROOT

SERIES = ROOT / "series"


@dataclass(frozen=True)
class Mail:
    """A mail to be written: ``tag`` is what stands in brackets, ``text`` its body, ``headers`` what is added."""

    tag: str
    title: str
    text: bytes
    author: str = "Ann Author <ann@example.org>"
    date: str = "Mon, 23 Nov 2026 01:30:27 +0000"
    headers: tuple[str, ...] = ()

    def written(self) -> bytes:
        """Return the mail as a mailbox holds it."""
        encoded = [Header(one, "utf-8").encode() if not one.isascii() else one for one in (self.author, self.title)]
        tagged = f"[{self.tag}] {encoded[1]}" if self.tag else encoded[1]
        lines = [f"From: {encoded[0]}", f"Date: {self.date}", f"Subject: {tagged}", *self.headers]
        return (
            b"From ann@example.org Mon Nov 23 01:30:27 2026\n" + "\n".join(lines).encode() + b"\n\n" + self.text + b"\n"
        )


def mailed(name: str, tag: str = "PATCH") -> list[Mail]:
    """Return the patches of ``series/NAME`` as mails, with a tag in the place of their own."""
    paths = sorted((SERIES / name).glob("*.patch"))
    return [_mail(path, f"{tag} {number}/{len(paths)}") for number, path in enumerate(paths, 1)]


def cover(tag: str, title: str = "mirror with a bitmap") -> Mail:
    """Return a cover letter."""
    return Mail(tag, title, b"This series is about mirroring.\n\n block/mirror.c | 9 +++++\n")


def reply(mail: Mail) -> Mail:
    """Return a review of a patch, with the patch quoted."""
    quoted = b"\n".join(b"> " + line for line in mail.text.splitlines())
    return Mail("", f"Re: [{mail.tag}] {mail.title}", b"Looks good.\n\n" + quoted, headers=("In-Reply-To: <1@x>",))


def patch(path: str, old: str, new: str, *, line: int = 1, tag: str = "PATCH", title: str = "a change") -> Mail:
    """Return a patch that changes one line of a file."""
    body = (
        f"Why.\n---\ndiff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -{line} +{line} @@\n-{old}\n+{new}\n"
    )
    return Mail(tag, title, body.encode() + b"-- \n2.39\n")


def write(path: Path, *mails: Mail) -> Path:
    """Write a mailbox and return its path."""
    path.write_bytes(b"".join(mail.written() for mail in mails))
    return path


def _mail(path: Path, tag: str) -> Mail:
    head, _, text = path.read_bytes().partition(b"\n\n")
    subject = head.decode().replace("\n ", " ").partition("Subject: [PATCH ")[2].partition("] ")[2].splitlines()[0]
    return Mail(tag, subject, text)
