"""What a mail says, whatever way it travelled: transfer encodings, CRLF, format=flowed, encoded headers."""

import re
from email.header import decode_header
from email.message import Message

_PATCH_TYPES = ("text/plain", "text/x-patch", "text/x-diff", "application/x-patch")
_PATCH_NAMES = (".patch", ".diff")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_DIFF = re.compile(rb"^(?:diff --git |--- .+\n\+\+\+ )", re.MULTILINE)


def header(mail: Message, name: str) -> str:
    """Return a header's text in one line, with its encoded words decoded; empty if there is none."""
    raw = mail.get(name, "")
    try:
        pieces = decode_header(raw)
    except ValueError:  # a broken encoded word
        pieces = [(str(raw), None)]
    return " ".join("".join(_text(piece, charset) for piece, charset in pieces).split())


def text(mail: Message) -> bytes:
    """Return the bytes of all parts that can hold a patch, with LF at the ends of lines."""
    return b"\n".join(_part(part) for part in mail.walk() if _holds_text(part))


def charset(mail: Message) -> str:
    """Return the character set of the first part."""
    return next((part.get_content_charset("utf-8") for part in mail.walk() if _holds_text(part)), "utf-8")


def diff(body: bytes) -> bytes:
    """Return what follows the description: the changes, or nothing."""
    found = _DIFF.search(body)
    return body[found.start() :] if found else b""


def _text(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        piece = piece.encode("ascii", "surrogateescape")  # bytes that were not encoded at all
    try:
        return piece.decode(charset or "utf-8", "replace")
    except LookupError:
        return piece.decode("utf-8", "replace")


def _holds_text(part: Message) -> bool:
    named = (part.get_filename() or "").endswith(_PATCH_NAMES)
    return not part.is_multipart() and (named or part.get_content_type() in _PATCH_TYPES)


def _part(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    if data.count(b"\r\n") == data.count(b"\n"):  # else a file with CRLF is being patched
        data = data.replace(b"\r\n", b"\n")
    if str(part.get_param("format", "")).lower() == "flowed":
        data = _unflowed(data, delete_space=str(part.get_param("delsp", "")).lower() == "yes")
    return _QUOTED_FROM.sub(rb"\1", data)


def _unflowed(data: bytes, *, delete_space: bool) -> bytes:
    """Join what RFC 3676 broke and remove the space that it put before a space, "From" or ">"."""
    done: list[bytes] = []
    flowing = False
    for line in data.split(b"\n"):
        own = line.removeprefix(b" ")
        soft = own.endswith(b" ") and own != b"-- "
        kept = own[:-1] if soft and delete_space else own
        if flowing:
            done[-1] += kept
        else:
            done.append(kept)
        flowing = soft
    return b"\n".join(done)
