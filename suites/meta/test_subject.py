"""The QEMU under test: which of them are builds of ours, for which the table of known issues is strict."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.subject.binaries import Binaries
from fixtures.subject.identity import Identity
from fixtures.subject.subject import Subject
from fixtures.vocabulary.enums import Dialect


@pytest.mark.parametrize(
    ("name", "source", "ours"),
    [("v3", None, True), ("v3", "", True), ("v3", "/home/a/qemu", False), ("/home/a/build", None, False)],
)
def test_a_build_of_ours(monkeypatch: pytest.MonkeyPatch, name: str, source: str | None, ours: bool) -> None:
    """A reference build is ours unless made of a user's tree; make exports an empty QEMU_SRC where none is given."""
    monkeypatch.delenv("QEMU_SRC", raising=False)
    if source is not None:
        monkeypatch.setenv("QEMU_SRC", source)
    identity = Identity("1.2.3", Dialect.V3)
    assert Subject(name, Binaries(Path("qemu"), Path("qemu-img"), {}), identity).is_reference is ours
