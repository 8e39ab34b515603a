"""Configuring and compiling in a build folder that is kept, so that what was interrupted goes on."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from tools import CannotRun, cache
from tools.reference import installation, options
from tools.reference.progress import shown
from tools.reference.recipe import Recipe

EXCERPT = 40
ENDING = 12


def is_configured(recipe: Recipe) -> bool:
    """Tell whether the build folder was configured to the end, with today's options and a Python that still exists."""
    marker = recipe.work / "configured"
    usable = (recipe.work / "build" / "pyvenv" / "bin" / "python3").exists()
    return usable and marker.exists() and marker.read_text() == options.identity()


def run(recipe: Recipe, *, lock: int, quiet: bool) -> None:
    """Configure if that is to be done, then compile what is out of date."""
    if not is_configured(recipe):
        configure(recipe, lock)
    cache.say(f"building QEMU {recipe.name} in {recipe.work / 'build'}")
    command = ["ninja", f"-j{options.jobs()}", *options.programs()]
    for _ in shown(output(command, recipe.work, "compile.log", lock), recipe.name, quiet=quiet):
        pass


def configure(recipe: Recipe, lock: int) -> None:
    """Configure in an empty build folder."""
    cache.say(f"configuring QEMU {recipe.name}")
    shutil.rmtree(recipe.work / "build", ignore_errors=True)
    (recipe.work / "build").mkdir()
    command = options.configure(download=recipe.source.is_dir())
    for _ in output(command, recipe.work, "configure.log", lock):
        pass
    installation.link_firmware(recipe.work / "build" / "qemu-bundle" / "usr" / "local")
    (recipe.work / "configured").write_text(options.identity())


def output(command: list[str], work: Path, name: str, lock: int) -> Iterator[str]:
    """Run a command in the build folder and yield its lines; all of them are kept in a log.

    The command inherits the lock, which its orphans keep should this process be killed.
    """
    log = work / name
    with (
        log.open("w", buffering=1) as kept,
        subprocess.Popen(
            command,
            cwd=work / "build",
            env=options.environ(work),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(lock,),
        ) as process,
    ):
        assert process.stdout, "it was asked for"
        for line in process.stdout:
            kept.write(line)
            yield line
    if process.returncode:
        raise CannotRun(failure(log))


def failure(log: Path) -> str:
    """Say what went wrong: the failing step's own output, or the end of the log, and where all of it is."""
    text = log.read_text(errors="replace")
    if "No space left on device" in text:
        return f"no space left on the device of {log.parent}"
    excerpt = failing_step(text) or text.splitlines()[-ENDING:]
    return "\n".join(["QEMU does not build:", *excerpt[:EXCERPT], f"full log: {log}"])


def failing_step(text: str) -> list[str]:
    """Return what the first failing step of ninja printed, without the names of its outputs and its command."""
    own = text.partition("FAILED: ")[2].splitlines()[2:]
    return list(takewhile(lambda line: not re.match(r"\[\d+/\d+\] |ninja: |FAILED: ", line), own))
