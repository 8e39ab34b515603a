"""The machine's own apt sources: which of them is a mirror of the Debian archive, and by which key it is signed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import CannotRun

ETC = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CODENAMES = ("bookworm", "trixie", "forky", "duke", "sid", "oldstable", "stable", "testing", "unstable")
ONE_LINE = re.compile(r"^deb(?:-src)?\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)(?P<components>.*)$")


@dataclass(frozen=True)
class Entry:
    """One enabled source of packages; `signed_by` is a path, an embedded key or nothing."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""

    def is_debian(self) -> bool:
        """Tell a mirror of the Debian archive from the security archive and from third parties."""
        known = any(suite in CODENAMES for suite in self.suites)
        return known and "main" in self.components and "security" not in self.uri

    def deb_src(self, suite: str) -> str:
        """Write the entry that fetches sources of a suite from the same mirror, in deb822 format."""
        key = self.signed_by or (str(KEYRING) if KEYRING.exists() else "")
        signed = f"Signed-By: {key}\n" if key else ""
        return f"Types: deb-src\nURIs: {self.uri}\nSuites: {suite}\nComponents: main\n{signed}"


def machine_entries(etc: Path = ETC) -> list[Entry]:
    """Read every source that apt itself would read."""
    lists = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]
    found = [entry for path in lists if path.is_file() for entry in one_line(path.read_text())]
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        found += deb822(path.read_text())
    return found


def debian_mirror(entries: Iterable[Entry]) -> Entry:
    """Choose the mirror of the Debian archive, preferring one whose path says so."""
    mirrors = [entry for entry in entries if entry.is_debian()]
    if not mirrors:
        raise CannotRun("apt knows no mirror of the Debian archive to fetch QEMU's source from; give QEMU_SRC=...")
    return min(mirrors, key=lambda entry: not entry.uri.rstrip("/").endswith("/debian"))


def one_line(text: str) -> Iterator[Entry]:
    """Parse the one-line format of sources.list."""
    for line in text.splitlines():
        if match := ONE_LINE.match(line.partition("#")[0].strip()):
            options = dict(word.split("=", 1) for word in (match["options"] or "").split() if "=" in word)
            components = tuple(match["components"].split())
            yield Entry(match["uri"], (match["suite"],), components, options.get("signed-by", ""))


def deb822(text: str) -> Iterator[Entry]:
    """Parse the paragraphs of a .sources file."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for paragraph in re.split(r"\n[ \t]*\n", "\n".join(lines)):
        fields = {key.lower(): value.strip() for key, value in re.findall(r"(?ms)^([\w-]+):(.*?)(?=^\S|\Z)", paragraph)}
        if "uris" not in fields or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        suites, components = (tuple(fields.get(key, "").split()) for key in ("suites", "components"))
        for uri in fields["uris"].split():
            yield Entry(uri, suites, components, _embedded(fields.get("signed-by", "")))


def _embedded(key: str) -> str:
    """Give the lines of an embedded key back the indentation that deb822 wants."""
    return "\n " + "\n ".join(line.strip() for line in key.splitlines()) if "\n" in key else key
