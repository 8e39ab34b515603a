"""-compat: what QEMU is told not to accept, the bitmap of a mirror is, where it is unstable."""

from __future__ import annotations

import pytest

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, Policed, RejectInput, StartMirror

UNEXPECTED = "Parameter 'bitmap' is unexpected"
POLICED = "Unstable parameter bitmap disabled by policy"


@pytest.mark.parametrize(
    ("dialect", "what", "refusal"),
    [
        (Dialect.STOCK, Policed.UNSTABLE, UNEXPECTED),
        (Dialect.V1, Policed.UNSTABLE, None),
        (Dialect.V2, Policed.UNSTABLE, POLICED),
        (Dialect.V3, Policed.UNSTABLE, POLICED),
        (Dialect.V3, Policed.DEPRECATED, None),
    ],
)
def test_policy(dialect: Dialect, what: Policed, refusal: str | None) -> None:
    """Unstable it is in v2 and v3, deprecated nowhere; stock does not know it."""
    bench = Rehearsal(dialect)
    bench.do(RejectInput(what), AddImage("source", MIB), AddImage("target", MIB), AddBitmap("b0"))
    bench.do(StartMirror("job", "target", bitmap="b0"))
    refused = [line for line in map(str, bench.transcript.lines) if line.startswith("<-")]
    assert refused == ([f"<- {refusal}"] if refusal else [])
