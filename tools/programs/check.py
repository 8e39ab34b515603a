"""Judge a QEMU: install and build what is missing, then run the suites.

Exit status: 0 all as promised, 1 a case failed, 2 the suites could not run or were interrupted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

import pytest

from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from tools.entry_point import Parser, built

_REST = """
All other arguments are pytest's: suites/... runs only these, -k and -m select cases by expression, -n N sets the
number of workers, -x and --maxfail=N stop at failures, and of this project --deep, --sample N, --shuffle SEED,
--label NAME, --images DIR, --out DIR. `tools/run -m pytest --help` in the project's folder explains them.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the suites and return the exit status; raises ``CannotRun`` if that is not possible."""
    parser = Parser("check", __doc__, _REST)
    parser.add_qemu()
    options, rest = parser.parse_known_args(arguments)
    qemu = built(options.qemu)
    os.chdir(ROOT)
    status = int(pytest.main([*defaults(rest), f"--qemu={qemu}", *rest], [_Brevity()]))
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise CannotRun("no case was selected")
    if status == pytest.ExitCode.INTERNAL_ERROR:
        raise CannotRun("the suites could not run: pytest has an internal error")
    return min(status, 2)


def defaults(arguments: Sequence[str]) -> list[str]:
    """Return what pytest is told unless the arguments say otherwise: all suites; one worker for cases by their ids."""
    named = [argument for argument in arguments if argument.startswith("suites/")]
    workers = "0" if named and all("::" in one for one in named) else "auto"
    return [*([] if named else ["suites", "--ignore=suites/meta"]), "-n", workers]


class _Brevity:
    """Says what is wrong with pytest's options without the list of all that are right."""

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Iterator[None]:
        """Reduce the error to its sentence."""
        try:
            return (yield)
        except pytest.UsageError as error:
            sentence = re.search(r"error: (.*)", str(error))
            raise pytest.UsageError(sentence[1] if sentence else str(error)) from error
