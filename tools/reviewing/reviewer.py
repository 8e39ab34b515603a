"""The reviewer: the name and address that git puts under a commit."""

from __future__ import annotations

import subprocess


def identity() -> str | None:
    """Return ``Name <address>`` as it was configured for git; None unless both were."""
    name, address = (_configured(f"user.{what}") for what in ("name", "email"))
    return f"{name} <{address}>" if name and address else None


def _configured(what: str) -> str:
    try:
        done = subprocess.run(["git", "config", what], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
