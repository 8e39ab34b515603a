"""A series is found in whatever mailbox it came."""

import base64
import gzip
import quopri
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from suites.meta.mailboxes import SERIES, Mail, cover, mailed, patch, reply, write
from tools.reviewing import messages
from tools.reviewing.series import Series, choose

PLAIN = "Content-Type: text/plain; charset=utf-8"


def chosen(path: Path, version: int | None = None) -> Series:
    """Return the series of a mailbox."""
    return choose(messages.read(path), path.name, version)


def titles(series: Series) -> list[str]:
    """Return the titles of a series' patches."""
    return [one.title for one in series.patches]


def flowed(text: bytes) -> bytes:
    """Break lines of text after spaces as RFC 3676 says."""
    lines = []
    for line in text.splitlines():
        stuffed = b" " + line if line.startswith((b" ", b">", b"From ")) else line
        words = stuffed.rstrip(b" ").rsplit(b" ", 1)
        soft = len(words) == 2 and words[0].strip() and line != b"-- "
        lines += [words[0] + b" ", words[1]] if soft and not words[1].startswith(b"-") else [stuffed.rstrip(b" ")]
    return b"\n".join(lines)


def unpadded(diff: bytes) -> list[bytes]:
    """Return the lines of a diff without the spaces at their ends, which format=flowed does not keep."""
    return [line.rstrip(b" ") for line in diff.rstrip(b"\n").splitlines()]


def test_a_thread_is_put_in_order(tmp_path: Path) -> None:
    """Numbers give the order; the cover letter the title; replies with a quoted patch are no patches."""
    one, two, three, four = mailed("v3", "PATCH v3")
    thread = [four, reply(two), two, cover("PATCH v3 0/4"), one, three]
    series = chosen(write(tmp_path / "t.mbox", *thread))
    assert titles(series) == [mail.title for mail in (one, two, three, four)]
    assert (series.version, series.title, series.missing) == (3, "mirror with a bitmap", ())
    assert series.notes == ("1 other mail ignored",)


def test_the_newest_version_is_taken(tmp_path: Path) -> None:
    """Of several versions in one thread the newest counts, or the one asked for, and the others are named."""
    path = write(tmp_path / "t.mbox", *mailed("v3", "PATCH v3"), *mailed("v2", "PATCHv2"))
    newest, older = chosen(path), chosen(path, 2)
    assert (newest.version, older.version) == (3, 2)
    assert "v2 was left out" in newest.notes
    assert "v3 was left out" in older.notes
    with pytest.raises(CannotRun, match=r"t.mbox holds no v4, only v2 and v3"):
        chosen(path, 4)


def test_a_missing_patch_is_told(tmp_path: Path) -> None:
    """A series that lacks its last patch says so."""
    series = chosen(write(tmp_path / "t.mbox", *mailed("v3", "PATCH v3")[:-1]))
    assert series.missing == (4,)
    assert "patch 4/4 is not in it" in series.notes


def test_a_patch_that_is_there_twice(tmp_path: Path) -> None:
    """A patch that was delivered twice counts once; of two that differ, the newer one is taken."""
    one = patch("a.c", "old", "new", tag="PATCH 1/1")
    newer = replace(one, text=one.text.replace(b"+new", b"+newer"), date="Tue, 24 Nov 2026 01:30:27 +0000")
    same = chosen(write(tmp_path / "same.mbox", one, one))
    assert same.notes == ("patch 1/1 is in it twice",)
    other = chosen(write(tmp_path / "other.mbox", newer, one))
    assert b"+newer" in other.patches[0].diff
    assert other.notes == ("patch 1/1 is in it twice, differing; the newer one was taken",)


@pytest.mark.parametrize("other", [{"tag": "PATCH 1/2"}, {"title": "another"}], ids=["total", "title"])
def test_two_series_in_one_mailbox_are_refused(tmp_path: Path, other: dict[str, str]) -> None:
    """What cannot be one series is not guessed at."""
    one = patch("a.c", "old", "new", tag="PATCH 1/1")
    two = Mail(**{**vars(one), **other, "text": one.text + b"\n"})
    with pytest.raises(CannotRun, match=r"holds (series of 1 and 2 patches|two patches 1/1)"):
        chosen(write(tmp_path / "t.mbox", one, two))


@pytest.mark.parametrize("way", ["base64", "quoted-printable", "crlf", "base64-crlf", "attachment", "latin-1"])
def test_every_way_to_travel_gives_the_same_patch(tmp_path: Path, way: str) -> None:
    """Transfer encodings, line ends and attachments leave no trace in the changes."""
    mail = mailed("v3")[1]
    dashed = mail.text.replace(b"Signed-off-by: ", "Signed-off-by: J\u00f6rg ".encode(), 1)
    crlf = dashed.replace(b"\n", b"\r\n")
    part = b"--x\nContent-Type: text/plain\n\nSee below.\n--x\nContent-Type: text/x-patch\n\n" + dashed + b"\n--x--\n"
    sent = {
        "base64": replace(mail, text=base64.encodebytes(dashed), headers=(PLAIN, "Content-Transfer-Encoding: base64")),
        "quoted-printable": replace(
            mail, text=quopri.encodestring(dashed), headers=(PLAIN, "Content-Transfer-Encoding: quoted-printable")
        ),
        "crlf": replace(mail, text=crlf),
        "base64-crlf": replace(mail, text=base64.encodebytes(crlf), headers=("Content-Transfer-Encoding: base64",)),
        "attachment": replace(mail, text=part, headers=("Content-Type: multipart/mixed; boundary=x",)),
        "latin-1": replace(
            mail, text=dashed.decode().encode("latin-1"), headers=("Content-Type: text/plain; charset=iso-8859-1",)
        ),
    }
    found = chosen(write(tmp_path / "t.mbox", sent[way])).patches[0]
    plain = chosen(write(tmp_path / "plain.mbox", mail)).patches[0]
    assert found.diff.rstrip() == plain.diff.rstrip()
    assert "J\u00f6rg" in found.body.decode(found.charset)


@pytest.mark.parametrize("name", ["v2", "v3"])
def test_flowed_text_is_joined(tmp_path: Path, name: str) -> None:
    """Lines that format=flowed broke or stuffed are those of the patch again."""
    for mail in mailed(name):
        header = ("Content-Type: text/plain; charset=utf-8; format=flowed",)
        sent = replace(mail, text=flowed(mail.text), headers=header)
        found = chosen(write(tmp_path / "t.mbox", sent)).patches[0]
        plain = chosen(write(tmp_path / "plain.mbox", mail)).patches[0]
        assert unpadded(found.diff) == unpadded(plain.diff)


def test_names_are_decoded(tmp_path: Path) -> None:
    """Umlauts in names and titles are read; the author is the one in the text, where a list hides the sender."""
    mail = patch("a.c", "old", "new", tag="PATCH 1/1", title="m\u00fcde Bl\u00f6cke")
    named = chosen(write(tmp_path / "t.mbox", replace(mail, author="J\u00f6rg M\u00fcller <j@example.org>")))
    assert (named.patches[0].author, named.title) == ("J\u00f6rg M\u00fcller", "m\u00fcde Bl\u00f6cke")
    hidden = replace(mail, text="From: J\u00f6rg M\u00fcller <j@example.org>\n\n".encode() + mail.text)
    assert chosen(write(tmp_path / "t.mbox", hidden)).patches[0].author == "J\u00f6rg M\u00fcller"


def test_a_compressed_mailbox_and_a_folder(tmp_path: Path) -> None:
    """What an archive packs and what format-patch writes hold the same series."""
    packed = tmp_path / "t.mbox.gz"
    packed.write_bytes(gzip.compress(write(tmp_path / "t.mbox", *mailed("v3")).read_bytes()))
    digests = [one.digest for one in chosen(SERIES / "v3").patches]
    assert [one.digest for one in chosen(packed).patches] == digests
    assert len(set(digests)) == 4


def test_a_line_that_begins_like_a_mail(tmp_path: Path) -> None:
    """A description whose line begins with "From " is not cut there."""
    mail = patch("a.c", "old", "new", tag="PATCH 1/1")
    series = chosen(write(tmp_path / "t.mbox", replace(mail, text=b"From now on, mirrors work.\n" + mail.text)))
    assert series.patches[0].body.startswith(b"From now on")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "holds no patch among its 0 mails"),
        (b"\x00\xff\x00" * 99, "holds no patch"),
        (b"\x1f\x8bnonsense", "cannot be read"),
        (gzip.compress(b"From a Mon Nov 23 01:30:27 2026\n")[:-9], "cannot be read"),
        (cover("PATCH 0/4").written(), "holds no patch among its 1 mails"),
        (b"Subject: =?utf-8?b?!?= [PATCH\nFrom: =?x?q?y?=\nDate: Mon, 99 Zob -1\n\n", "holds no patch"),
    ],
    ids=["empty", "binary", "gzip", "cut", "cover", "headers"],
)
def test_what_holds_no_series_is_one_sentence(tmp_path: Path, data: bytes, reason: str) -> None:
    """Nothing in a mailbox makes reading it fail otherwise."""
    path = tmp_path / "t.mbox"
    path.write_bytes(data)
    with pytest.raises(CannotRun, match=reason):
        chosen(path)


def test_a_mailbox_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """A small file that holds gigabytes is not unpacked."""
    path = tmp_path / "t.mbox.gz"
    path.write_bytes(gzip.compress(b"\n" * (65 << 20)))
    with pytest.raises(CannotRun, match="more than 64 MiB"):
        chosen(path)
