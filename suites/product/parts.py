"""The three parts of the product that cases belong to, and what must be among them.

The parts of v1 are in mode_parts.py, that with requests in flight in in_flight.py.

The cases are kept in design.txt (suites/product/design.py). In each part the *leading* axes meet any two values of
others: every valid triple with one of theirs occurs, and so every valid pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fixtures.vocabulary.enums import Dialect, MirrorCommand, SyncMode
from fixtures.vocabulary.sizes import KIB
from suites.parameters.covering import Item, Pair, Row, pairs_of
from suites.parameters.layouts import Layout
from suites.parameters.strength import Rule, Rules, plain_rows
from suites.product.axes import (
    Amount,
    BitmapOperation,
    Buffer,
    Care,
    DiskSize,
    Ending,
    Held,
    Hindrance,
    JobMoment,
    Opening,
    SourceKind,
    TargetKind,
    WriteShape,
)
from suites.product.case import AXES, ProductCase
from suites.product.conditions import segment
from suites.product.granularity import Granularity
from suites.product.rules import RULES

GOOD = [one for one in Granularity if one.is_good]
BAD = [one for one in Granularity if not one.is_good]
REFUSED_BY_BITMAPS = [one for one in BAD if not one.is_coarse]
UNUSABLE = [one for one in BAD if one is not Granularity.ZERO]
"""Bad for a mirror, too: it takes zero for none given."""

_DECIDE_WITH_GRANULARITY = {"sync", "mode", "copy_mode", "moment", "command", "used"}
"""What a refused granularity meets in the quick subset: nothing else changes what is said of it."""

_OF_GRANULARITY = (Hindrance.NONE, Hindrance.CLUSTERS, Hindrance.TWO_GRANULARITIES)
_A_FEW = (
    Granularity.DEFAULT,
    Granularity.B512,
    Granularity.K4,
    Granularity.K64,
    Granularity.M1,
    Granularity.M64,
)

HEART_AXES = ("copy_mode", "granularity", "operation", "moment", "command")


@dataclass(frozen=True)
class Part:
    """A part of the product: the values that its axes have, the ``leading`` ones, what each case keeps to.

    ``named``: the axes that ids are made of. ``required``: returns combinations that must be there. ``dialects``: those
    that its cases, of the class ``case``, are run in. ``quick_syncs``: the sync modes that meet each granularity in the
    quick subset.
    """

    name: str
    axes: Mapping[str, Sequence[object]]
    leading: tuple[str, ...]
    rules: Rules
    named: tuple[str, ...]
    required: Callable[[], list[Row]]
    dialects: Sequence[Dialect]
    case: type[ProductCase] = ProductCase
    quick_syncs: Sequence[SyncMode] = tuple(SyncMode)

    def quick_pairs(self, rows: Iterable[Row]) -> set[Pair]:
        """Return the pairs of the quick subset: those of the rows with a leading axis, unless they tell too little."""
        return {pair for row in rows for pair in pairs_of(row) if self._is_quick(*pair)}

    def _is_quick(self, one: Item, other: Item) -> bool:
        pair = dict((one, other))
        if "granularity" in pair:
            if pair["granularity"] in BAD and not pair.keys() & _DECIDE_WITH_GRANULARITY:
                return False
            if "hindrance" in pair or pair.get("sync", SyncMode.FULL) not in self.quick_syncs:
                return False
        return bool(pair.keys() & {*self.leading})

    @property
    def first(self) -> Mapping[str, Sequence[object]]:
        """Return the axes with what each combination is completed by: a target that all its dialects take."""
        refused = [TargetKind.BACKED_LARGE] if Dialect.V2 in self.dialects else []
        targets = [target for target in self.axes["target"] if target not in refused]
        return {**self.axes, "target": targets}

    def rows(self) -> list[Row]:
        """Return the combinations that must be there, each completed by values of the other axes."""
        return [row for row in self.required() if self.rules.allow_all(row)]


def _heart_rows() -> list[Row]:
    """Return everything that can be done to a bitmap that a job uses, with each command; where it is refused, once."""
    constant = {"sync": SyncMode.FULL, "used": True, "hindrance": Hindrance.NONE}
    good = plain_rows(AXES, copy_mode=[], granularity=GOOD, operation=[], moment=[])
    each = [row | {"command": one} for at, row in enumerate(good) for one in (MirrorCommand.BLOCKDEV, _drive(row, at))]
    bad = plain_rows(AXES, copy_mode=[], granularity=REFUSED_BY_BITMAPS, operation=[])
    return [constant | row for row in [*each, *bad]]


def _drive(row: Row, number: int) -> MirrorCommand:
    """Return how drive-mirror has its target: that it creates it takes turns with the other way.

    It would create clusters that are larger than small segments. All operations and moments then begin with the next.
    """
    if segment(Granularity(str(row["granularity"])), SourceKind.PLAIN) < 64 * KIB:
        return MirrorCommand.DRIVE_EXISTING
    turn = number + number // (len(BitmapOperation) * len(JobMoment))
    return (MirrorCommand.DRIVE, MirrorCommand.DRIVE_EXISTING)[turn % 2]


def _plain_rows() -> list[Row]:
    constant = {"used": False, "hindrance": Hindrance.NONE}
    layers = [SyncMode.TOP, SyncMode.NONE]
    rows = plain_rows(PLAIN.axes, sync=layers, copy_mode=[], granularity=[], operation=[])
    return [constant | row for row in rows]


def _refused_rows() -> list[Row]:
    backups = plain_rows(AXES, sync=[SyncMode.INCREMENTAL, SyncMode.BITMAP], copy_mode=[], granularity=[], operation=[])
    bad = plain_rows(AXES, sync=[SyncMode.TOP, SyncMode.NONE], copy_mode=[], granularity=UNUSABLE, operation=[])
    coarse = [one for one in BAD if one.is_coarse]
    full = plain_rows(AXES, sync=[SyncMode.FULL], copy_mode=[], granularity=UNUSABLE, used=[False])
    used = plain_rows(AXES, sync=[SyncMode.FULL], copy_mode=[], granularity=coarse, operation=[], used=[True])
    return [{"hindrance": Hindrance.NONE} | row for row in [*backups, *bad, *full, *used]]


def _part(
    name: str,
    dialects: Sequence[Dialect],
    required: Callable[[], list[Row]],
    leading: tuple[str, ...],
    named: tuple[str, ...],
    *more: Rule,
    quick_syncs: Sequence[SyncMode] = tuple(SyncMode),
    **fixed: Sequence[object],
) -> Part:
    rules = Rules([*RULES, *more])
    axes = {**AXES, "held": [Held.NOTHING], **fixed}
    return Part(name, axes, leading, rules, named, required, dialects, quick_syncs=quick_syncs)


HEART = _part(
    "heart",
    [Dialect.V2, Dialect.V3],
    _heart_rows,
    HEART_AXES,
    HEART_AXES,
    sync=[SyncMode.FULL],
    used=[True],
    hindrance=[Hindrance.NONE],
    granularity=[*GOOD, *REFUSED_BY_BITMAPS],
)
PLAIN = _part(
    "plain",
    list(Dialect),
    _plain_rows,
    ("sync", "copy_mode"),
    ("sync", "copy_mode", "granularity", "operation"),
    sync=[SyncMode.FULL, SyncMode.TOP, SyncMode.NONE],
    granularity=[*GOOD, Granularity.ZERO],
    used=[False],
    hindrance=[Hindrance.NONE],
    amount=[Amount.NONE, Amount.ONE, Amount.SOME],
)
REFUSED = _part(
    "refused",
    [Dialect.STOCK, Dialect.V2, Dialect.V3],
    _refused_rows,
    ("sync", "hindrance"),
    ("sync", "copy_mode", "granularity", "operation", "hindrance"),
    Rule(
        "this mirror is not refused",
        ("sync", "used", "hindrance", "granularity"),
        lambda sync, used, hindrance, granularity: (
            hindrance is Hindrance.NONE
            and (
                (sync is SyncMode.FULL and used and not granularity.is_coarse)
                or (sync in PLAIN.axes["sync"] and not used and granularity not in UNUSABLE)
            )
        ),
    ),
    Rule(
        "each operation meets sync=top and none where the granularity is bad; where it is good, plain mirrors have it",
        ("used", "sync", "operation", "granularity"),
        lambda used, sync, operation, granularity: (
            used
            and sync in (SyncMode.TOP, SyncMode.NONE)
            and operation is not BitmapOperation.NONE
            and granularity.is_good
        ),
    ),
    Rule(
        "whether a bitmap may be used at all is no matter of its granularity: a few show it",
        ("hindrance", "granularity"),
        lambda hindrance, granularity: hindrance not in _OF_GRANULARITY and granularity not in _A_FEW,
    ),
    quick_syncs=[SyncMode.FULL],
    ending=[Ending.COMPLETE],
    amount=[Amount.NONE, Amount.SOME],
    late=[WriteShape.ALIGNED],
    target=[TargetKind.QCOW2, TargetKind.RAW, TargetKind.LARGE_CLUSTERS],
    source=[SourceKind.PLAIN, SourceKind.SMALL_CLUSTERS, SourceKind.BACKED],
    written=[WriteShape.ALIGNED, WriteShape.ZEROES, WriteShape.TAIL],
    size=[DiskSize.EVEN, DiskSize.ODD],
    care=[Care.FINALIZE],
    buffer=[Buffer.DEFAULT, Buffer.SMALL],
    layout=[Layout.PLAIN],
    target_layout=[Layout.PLAIN],
    opening=[Opening.WRITEBACK],
)
PARTS = (HEART, PLAIN, REFUSED)
