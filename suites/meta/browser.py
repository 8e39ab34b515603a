"""A headless Chromium that opens a file and says what it then shows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_QUIET = (
    "--headless",
    "--no-sandbox",  # it opens nothing but pages of our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
)


def program() -> str:
    """Return the browser; without one, the test is skipped."""
    found = shutil.which("chromium")
    if not found:
        pytest.skip("no chromium: python3 -m fixtures.host.provision --also page")
    return found


def dom(page: Path, fragment: str, profile: Path) -> str:
    """Return the page's elements once its scripts have run; fails with what they complained of."""
    command = [program(), *_QUIET, f"--user-data-dir={profile}", "--dump-dom", f"{page.as_uri()}#{fragment}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    complaints = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    assert not complaints, "\n".join(complaints)
    return done.stdout
