"""Applying a series to a source tree; patches are untrusted."""

import os
import re
import subprocess
from pathlib import Path

from tools import CannotRun


def apply(patch: Path, source: Path) -> None:
    """Apply one patch with git, which refuses paths that leave the tree, or name the hunk that fails."""
    command = ["git", "apply", "--verbose", "--reject", "--whitespace=nowarn", str(patch.resolve())]
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(source.parent), "LC_ALL": "C"}  # no repository around it
    done = subprocess.run(command, cwd=source, env=alone, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"{patch.parent.name}/{patch.name} does not apply: {reason(done.stderr)}")


def reason(messages: str) -> str:
    """Say where a patch failed, from git's messages: file and hunk, or its own first error."""
    applying = ""
    for line in messages.splitlines():
        if match := re.match(r"Applying patch (.*) with \d+ reject", line):
            applying = match[1]
        elif match := re.match(r"Rejected hunk #(\d+)", line):
            return f"hunk #{match[1]} of {applying} does not fit"
    errors = [line.removeprefix("error: ") for line in messages.splitlines() if line.startswith(("error:", "fatal:"))]
    return errors[0] if errors else messages.strip() or "git gave no reason"
