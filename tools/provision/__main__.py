"""Print the interpreter to use, having installed what it needs; with `--install`, fill the running one instead."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - exactly what an older Python is to find out
    sys.exit("mirror-conformance: Python 3.11 or newer is needed; name one by PYTHON=...")

import argparse

from tools import CannotRun
from tools.cache import say
from tools.provision import environment


def main() -> int:
    """Provision, print the interpreter on stdout and return the exit status."""
    parser = argparse.ArgumentParser(prog="tools.provision", description=__doc__)
    parser.add_argument("--install", action="store_true", help="install the dependencies into this interpreter")
    parser.add_argument("--oldest", action="store_true", help="... the suites' only, in the oldest versions allowed")
    options = parser.parse_args()
    try:
        if options.install:
            environment.install(sys.executable, environment.requirements(oldest=options.oldest))
        else:
            print(environment.interpreter())
    except CannotRun as problem:
        say(str(problem))
        return 2
    except KeyboardInterrupt:
        return 2
    return 0


sys.exit(main())
