"""Build a QEMU to judge by, if it is not built yet, and print the folder that holds its bin/ on stdout."""

import argparse
import errno
import sys

from tools import CannotRun, reference
from tools.cache import say


def main() -> int:
    """Build as the arguments say and return the exit status: 0, or 2 when it could not be built."""
    parser = argparse.ArgumentParser(prog="tools.reference", description=__doc__)
    parser.add_argument("name", help=f"one of {', '.join(reference.names())}")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument("--refresh", action="store_true", help="ask the mirror for a newer point release first")
    options = parser.parse_args()
    try:
        print(reference.build(options.name, quiet=options.quiet, refresh=options.refresh))
    except CannotRun as problem:
        say(str(problem))
    except KeyboardInterrupt:
        say("interrupted; the same command continues")
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        say(f"no space left for {problem.filename or 'the build'}")
    else:
        return 0
    return 2


sys.exit(main())
