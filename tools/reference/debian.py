"""Debian's source package of QEMU, fetched once through apt settings of our own and kept."""

import re
import subprocess
from pathlib import Path

from tools import CannotRun, cache
from tools.provision import packages
from tools.reference import sources

SUITE = "trixie"
PACKAGE = "qemu"


def fetched() -> Path | None:
    """Return the .dsc file that was fetched last, without asking the network."""
    current = _folder() / "current"
    return _folder() / current.read_text() if current.exists() else None


def fetch(*, refresh: bool = False) -> Path:
    """Return the .dsc file of the source package, its tarballs beside it, fetched when missing."""
    if not refresh and (dsc := fetched()):
        return dsc
    packages.ensure("source")
    cache.say(f"fetching the source of {PACKAGE} from Debian {SUITE}")
    _configure()
    _apt("update", "-o", "APT::Update::Error-Mode=any")
    _apt("source", "--download-only", PACKAGE)
    return _remember(max(_folder().glob(f"{PACKAGE}_*.dsc"), key=_change_time))


def unpack(dsc: Path, target: Path) -> None:
    """Unpack the source package with Debian's patches applied; apt has checked its hashes."""
    command = ["dpkg-source", "--no-check", "-x", str(dsc), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"dpkg-source could not unpack {dsc.name}: {_last_line(done.stderr)}")


def _folder() -> Path:
    return cache.root() / "sources"


def _change_time(path: Path) -> float:
    return path.stat().st_ctime


def _remember(dsc: Path) -> Path:
    new = _folder() / "current.new"
    new.write_text(dsc.name)
    new.rename(_folder() / "current")
    return dsc


def _configure() -> None:
    (_folder() / "apt" / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (_folder() / "apt" / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    mirror = sources.debian_mirror(sources.machine_entries())
    (_folder() / "apt" / "debian.sources").write_text(mirror.deb_src(SUITE))


def _apt(*command: str) -> None:
    apt = _folder() / "apt"
    settings = {
        "Dir::Etc::sourcelist": apt / "debian.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",
        "APT::Default-Release": "",
    }
    line = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in settings.items()), *command]
    done = subprocess.run(line, cwd=_folder(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"Debian's source of QEMU cannot be fetched: {_reason(done.stderr)}; or give QEMU_SRC=...")


def _reason(messages: str) -> str:
    failed = re.search(r"Failed to fetch .*", messages)
    return " ".join((failed[0] if failed else _last_line(messages)).split())


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
