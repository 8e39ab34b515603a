"""The model of an image that a destination serves: one image for both, and none once the destination is gone."""

from __future__ import annotations

import pytest

from fixtures.bench import Rehearsal
from fixtures.model.refusal import Refusal
from fixtures.vocabulary.enums import CopyMode, Dialect, Format
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CloseRemote,
    Crash,
    OpenRemote,
    ServeImage,
    ShareImage,
    StartMirror,
    StopServing,
    Write,
)


@pytest.fixture
def here() -> Rehearsal:
    """Give a source with a bitmap, and a node of it that the destination serves."""
    one = Rehearsal(Dialect.V3)
    one.do(AddImage("source", MIB, Format.RAW), AddBitmap("b0", 64 * KIB), Write(0, 512, Fill(1)))
    one.destination.do(AddImage("copy", MIB, Format.RAW), ServeImage("copy"))
    one.do(OpenRemote("target", "copy"))
    return one


def test_both_have_one_image(here: Rehearsal) -> None:
    """What a mirror writes is there."""
    here.do(StartMirror("job", "target", bitmap="b0"))
    here.do(Write(MIB // 2, 512, Fill(2), at="filter"))
    here.observe()
    assert here.state.images["target"] is here.destination.state.images["copy"]
    assert not here.destination.state.images["copy"].reads_as_zeroes(0, 512)


@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_a_mirror_to_what_is_gone_fails(here: Rehearsal, copy_mode: CopyMode) -> None:
    """With the guest's next write, in either copy mode; what was not copied is dirty, and the bitmap records."""
    here.do(StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode))
    here.destination.do(Crash(flush=False))
    here.do(Write(MIB // 2, 512, Fill(2), at="filter"))
    here.observe()
    bitmap = here.state.bitmaps_on("source")["b0"]
    assert (here.state.known_jobs(), bitmap.dirty, bitmap.recording) == ([], {8}, True)


@pytest.mark.parametrize(("end", "why"), [(Crash(flush=False), "refused"), (StopServing(), "No such file")])
def test_what_is_gone_cannot_be_opened(here: Rehearsal, end: Crash | StopServing, why: str) -> None:
    """The socket of a dead QEMU is still there; one that stops takes it away."""
    here.do(CloseRemote("target"))
    here.destination.do(end)
    with pytest.raises(Refusal, match=why):
        here.world.apply(OpenRemote("target", "copy"))
    assert "target" not in here.state.images


def test_what_the_source_has_closed_is_the_destinations(here: Rehearsal) -> None:
    """It is one image in one place."""
    here.do(AddImage("other", MIB, Format.RAW, opened=False))
    here.destination.do(ShareImage("other"), ShareImage("source"))
    assert ("other" in here.state.images, "source" in here.state.images) == (False, True)
