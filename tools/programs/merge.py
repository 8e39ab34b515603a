"""Make one run of the runs of shards, which must judge one QEMU by one version of the suite and agree on every case."""

from collections.abc import Sequence
from pathlib import Path

from fixtures.host.console import CannotRun
from fixtures.runs.merge import merge
from fixtures.runs.run import OUT, find, load
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Merge and return 0; raises ``NoRun`` or ``CannotRun`` if the runs are not parts of one."""
    parser = Parser("merge", __doc__)
    parser.add_argument("target", metavar="OUT", help="the run to make: a label below out/, or a folder's path")
    parser.add_argument("runs", metavar="RUN", nargs="+", help="the runs to take: labels or folders")
    parser.add_argument("--out", type=Path, default=OUT, help="where labels are looked for (default: out)")
    options = parser.parse_args(arguments)
    folder = Path(options.target) if "/" in options.target else options.out / options.target
    try:
        merge([load(find(name, options.out)) for name in options.runs], folder)
    except OSError as problem:
        raise CannotRun(str(problem)) from problem
    print(folder)
    return 0
