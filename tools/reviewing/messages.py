"""The mails of a mailbox file, as a list archive or b4 gives it, or of a folder of patches."""

import gzip
import mailbox
import re
import tempfile
import zlib
from email.message import Message
from pathlib import Path

from fixtures.host.console import CannotRun

_LIMIT = 64 << 20
"""Bytes that a mailbox may have unpacked: more is no series."""
_SUFFIXES = (".patch", ".eml", ".mbox")
_SEPARATOR = b"From mailbox Thu Jan  1 00:00:00 1970\n"
_NO_SEPARATOR = re.compile(rb"^From (?!.*\d\d:\d\d.* \d{4}\b)", re.MULTILINE)


def read(place: Path) -> list[Message]:
    """Return the mails of a file, compressed by gzip or not, or of a folder's files in the order of their names."""
    if place.is_dir():
        files = sorted(path for path in place.iterdir() if path.suffix in _SUFFIXES)
        return [mail for path in files for mail in _of_file(path)]
    return _of_file(place)


def _of_file(path: Path) -> list[Message]:
    try:
        return _mails(_contents(path))
    except (OSError, EOFError, zlib.error) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise CannotRun(f"{path} cannot be read: {reason}") from problem


def _contents(path: Path) -> bytes:
    with path.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as file:
        data = file.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise CannotRun(f"{path} is no series: it has more than {_LIMIT >> 20} MiB")
    return data


def _mails(data: bytes) -> list[Message]:
    """Split a mailbox. Python's takes every line "From ..." for a start, so those of a text are quoted first."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data:
        return []
    whole = data if data.startswith(b"From ") else _SEPARATOR + data
    with tempfile.NamedTemporaryFile(prefix="mirror-mailbox-") as file:
        file.write(_NO_SEPARATOR.sub(b">From ", whole))
        file.flush()
        box = mailbox.mbox(file.name, create=False)
        try:
            return list(box)
        finally:
            box.close()
