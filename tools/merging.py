"""Make one run of the runs of shards, which must judge one QEMU by one version of the suite and agree on every case."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from fixtures.host.console import say
from fixtures.runs.merge import merge
from fixtures.runs.run import OUT, NoRun, find, load


def main(arguments: Sequence[str]) -> int:
    """Merge and return the exit status: 0, or 2 with one sentence when the runs are not parts of one."""
    parser = argparse.ArgumentParser(prog="tools/merge", description=__doc__)
    parser.add_argument("target", metavar="OUT", help="the run to make: a label below out/, or a folder's path")
    parser.add_argument("runs", metavar="RUN", nargs="+", help="the runs to take: labels or folders")
    parser.add_argument("--out", type=Path, default=OUT, help="where labels are looked for (default: out)")
    options = parser.parse_args(arguments)
    folder = Path(options.target) if "/" in options.target else options.out / options.target
    try:
        merge([load(find(name, options.out)) for name in options.runs], folder)
    except (NoRun, OSError) as problem:
        say(str(problem))
        return 2
    print(folder)
    return 0
