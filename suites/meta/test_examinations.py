"""Two images are examined side by side: what one qemu-img says is not mixed up with what another says."""

from __future__ import annotations

import json
from pathlib import Path

from fixtures.driver.images.qemu_img import QemuImg
from fixtures.vocabulary.enums import Format

EXTENT = {"start": 0, "length": 512, "depth": 0, "present": True, "zero": False, "data": True, "offset": 0}
EXTENTS = [EXTENT | {"start": 512 * at} for at in range(5000)]
COMPLAINT = "\n".join(f"ERROR cluster {at} refcount=0 reference=1" for at in range(20000))
PROGRAM = """#!/bin/sh
here=$(dirname "$0")
case $1 in
map) cat "$here/map" ;;
check) cat "$here/complaint"; exit 2 ;;
compare) echo "Content mismatch at offset 512!"; exit 1 ;;
esac
"""


def test_long_answers_are_kept_apart(tmp_path: Path) -> None:
    """Each has hundreds of kilobytes, more than a pipe takes at once, and is whole; no file is left behind."""
    program = tmp_path / "qemu-img"
    program.write_text(PROGRAM)
    program.chmod(0o700)
    (tmp_path / "map").write_text(json.dumps(EXTENTS))
    (tmp_path / "complaint").write_text(COMPLAINT + "\n")
    before = {*tmp_path.iterdir()}
    found = QemuImg(program).examine(tmp_path / "one", tmp_path / "other", (Format.QCOW2, Format.QCOW2))
    assert found.corrupt == COMPLAINT
    assert [one.start for one in found.extents] == [one["start"] for one in EXTENTS]
    assert found.difference
    assert found.difference.offset == 512
    assert {*tmp_path.iterdir()} == before
