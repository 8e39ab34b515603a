"""How the programs begin and end: their options, and one sentence for all that keeps one from its work."""

from __future__ import annotations

import argparse
import errno
import importlib
from pathlib import Path
from typing import NoReturn

from fixtures import reference
from fixtures.host.console import CannotRun, say
from fixtures.runs.run import NoRun
from fixtures.vocabulary.enums import Dialect


def start(name: str, *arguments: str) -> int:
    """Run a program and return its exit status: 2 with one sentence on stderr if it cannot do its work."""
    program = importlib.import_module(f"tools.programs.{name}")
    try:
        return int(program.main(arguments))
    except (CannotRun, NoRun) as problem:
        say(str(problem))
    except KeyboardInterrupt:
        say("interrupted")
    except MemoryError:
        say("there is not enough memory")
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        say(f"no space left for {problem.filename or 'its files'}")
    return 2


class Parser(argparse.ArgumentParser):
    """Reads the arguments of tools/``name``; raises ``CannotRun`` with one sentence for wrong ones."""

    def __init__(self, name: str, about: str | None, more: str | None = None):
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(f"tools/{name}", None, about, more, formatter_class=layout, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raise ``CannotRun`` instead of printing how to call the program."""
        raise CannotRun(f"{self.prog}: {message} (see --help)")

    def add_qemu(self) -> None:
        """Declare which QEMU is meant; ``built`` takes its value."""
        self.add_argument("--qemu", default="v3", help="v3, v2, stock, system, or a build tree or prefix (default: v3)")

    def add_dialect(self) -> None:
        """Declare which dialect the QEMU is judged by."""
        self.add_argument(
            "--dialect", choices=[one.value for one in Dialect], help="judge by it, whatever probing finds"
        )


def built(qemu: str) -> str:
    """Return what the suites call a QEMU, and build it if it is one of ours; raises ``CannotRun``."""
    if qemu in reference.names():
        reference.build(qemu)
        return qemu
    return qemu if qemu == "system" else str(Path(qemu).expanduser().absolute())
