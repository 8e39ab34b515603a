"""QEMU's source comes from the mirror that the machine's own apt uses, whatever format names it."""

from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from fixtures.reference import sources
from fixtures.reference.sources import AptSource

DEB822 = """\
# a comment
Types: deb
# another one
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
URIs: http://mirror.invalid/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.invalid/debian
Suites: bookworm
Components: main
"""
ONE_LINE = """\
# deb http://commented.invalid/debian bookworm main
deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.invalid/apt bookworm-vendor main
deb http://security.invalid/debian-security trixie-security main
deb [signed-by=/k.gpg] http://one.invalid/debian/ trixie main non-free  # ours
deb-src http://one.invalid/debian/ trixie main
"""
EMBEDDED = """\
Types: deb
URIs: https://mirror.invalid/debian/
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
"""


def test_deb822_leaves_out_what_is_disabled() -> None:
    """Paragraphs become entries; comments and disabled paragraphs do not count."""
    entries = list(sources.deb822(DEB822))
    assert [entry.uri for entry in entries] == ["http://mirror.invalid/debian", "http://mirror.invalid/debian-security"]
    assert entries[0].suites == ("bookworm", "bookworm-updates")
    assert entries[0].signed_by == "/usr/share/keyrings/some.gpg"


def test_one_line_reads_options_and_comments() -> None:
    """Options in brackets are read, commented lines are not."""
    entries = list(sources.one_line(ONE_LINE))
    assert [entry.suites[0] for entry in entries] == ["bookworm-vendor", "trixie-security", "trixie", "trixie"]
    assert entries[2] == AptSource("http://one.invalid/debian/", ("trixie",), ("main", "non-free"), "/k.gpg")


@pytest.mark.parametrize(
    ("text", "uri"),
    [(DEB822, "http://mirror.invalid/debian"), (ONE_LINE, "http://one.invalid/debian/")],
    ids=["deb822", "one-line"],
)
def test_mirror_is_neither_security_nor_third_party(text: str, uri: str) -> None:
    """Of all entries the one of the Debian archive is chosen."""
    parse = sources.deb822 if "Types:" in text else sources.one_line
    assert sources.debian_mirror(parse(text)).uri == uri


def test_no_mirror_is_one_sentence() -> None:
    """Without a Debian archive the error names QEMU_SRC."""
    vendor = AptSource("https://vendor.invalid/apt", ("noble",), ("main",))
    with pytest.raises(CannotRun, match="give QEMU_SRC"):
        sources.debian_mirror([vendor])


def test_private_entry_keeps_mirror_and_key() -> None:
    """The private source names the other suite at the same mirror, signed by the same key."""
    entry = sources.debian_mirror(sources.deb822(DEB822)).deb_src("trixie")
    assert entry.splitlines() == [
        "Types: deb-src",
        "URIs: http://mirror.invalid/debian",
        "Suites: trixie",
        "Components: main",
        "Signed-By: /usr/share/keyrings/some.gpg",
    ]


def test_embedded_key_survives() -> None:
    """A key that is written into the entry is written into the private one, and reads back equal."""
    entry = next(sources.deb822(EMBEDDED))
    assert "\n .\n abc\n" in entry.deb_src("trixie")
    assert list(sources.deb822(entry.deb_src("trixie"))) == [entry]


def test_all_of_apts_files_are_read(tmp_path: Path) -> None:
    """sources.list, *.list and *.sources count; files with other endings do not, as for apt itself."""
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://a.invalid/debian sid main\n")
    (parts / "b.list").write_text("deb http://b.invalid/debian sid main\n")
    (parts / "c.sources").write_text(EMBEDDED)
    (parts / "d.list.save").write_text("deb http://d.invalid/debian sid main\n")
    uris = [entry.uri for entry in sources.machine_entries(tmp_path)]
    assert uris == ["http://a.invalid/debian", "http://b.invalid/debian", "https://mirror.invalid/debian/"]
