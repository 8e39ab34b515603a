"""Debian packages: which are missing, and installing them."""

import os
import shutil
import subprocess
from pathlib import Path

from tools import CannotRun
from tools.cache import say

LIST = Path(__file__).parent.parent / "packages.txt"
INSTALL = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
OPTIONS = ["-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]


def listed(purpose: str) -> dict[str, str]:
    """Return the packages of one purpose, each with the command that proves it elsewhere ("" if none does)."""
    _, _, section = LIST.read_text().partition(f"[{purpose}]\n")
    lines = (line.partition("#")[0].split() for line in section.partition("\n[")[0].splitlines())
    return {words[0]: "".join(words[1:]) for words in lines if words}


def missing(packages: dict[str, str]) -> list[str]:
    """Return the packages that are not installed; without dpkg, those whose command is not found."""
    if not shutil.which("dpkg-query"):
        return [package for package, command in packages.items() if command and not shutil.which(command)]
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", *packages]
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return [package for package in packages if f"{package} installed" not in shown.splitlines()]


def ensure(purpose: str) -> None:
    """Install what is missing for a purpose, or say what the user must do."""
    lacking = missing(listed(purpose))
    if lacking and not shutil.which("apt-get"):
        raise CannotRun(f"this system lacks (by Debian's names): {' '.join(lacking)}; install them and try again")
    if lacking:
        install(lacking)


def install(packages: list[str]) -> None:
    """Install Debian packages as root or through sudo, refreshing apt's lists only when they are of no use."""
    become = privilege()
    if become is None:
        command = f"apt-get update && {' '.join(INSTALL)} {' '.join(packages)}"
        raise CannotRun(f"Debian packages are missing; as root run: {command}")
    say(f"installing Debian packages: {' '.join(packages)}")
    if not apt(become, [*INSTALL, "--simulate", *packages], show=False):
        apt(become, ["apt-get", "update", "-q"])
    if apt(become, [*INSTALL, *packages]):
        return
    apt(become, ["apt-get", "update", "-q"])
    if not apt(become, [*INSTALL, *packages]):
        raise CannotRun(f"apt-get could not install {' '.join(packages)}: see its messages above")


def privilege() -> list[str] | None:
    """Return the prefix that makes a command run as root, or None when there is no silent way."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    able = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    return sudo if able else None


def apt(become: list[str], command: list[str], *, show: bool = True) -> bool:
    """Run apt-get, its output on stderr, and tell whether it succeeded."""
    line = [*become, "env", "DEBIAN_FRONTEND=noninteractive", *command, *OPTIONS]
    stream = 2 if show else subprocess.DEVNULL
    return subprocess.run(line, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, check=False).returncode == 0
