"""A file that is copied from a template is the one that qemu-img would have created."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.driver.images.files import ImageFiles
from fixtures.subject.subject import Subject
from fixtures.vocabulary.enums import Feature
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddImage

SIZE = 4 * MIB + 512


@pytest.mark.parametrize("cluster", [512, 64 * KIB])
@pytest.mark.parametrize(
    "features",
    [(), (Feature.EXTENDED_L2,), (Feature.DATA_FILE,), (Feature.DATA_FILE, Feature.RAW_DATA_FILE)],
    ids=lambda features: "-".join(map(str, features)) or "plain",
)
def test_copy(subject: Subject, folder: Path, features: tuple[Feature, ...], cluster: int) -> None:
    """Of two images of a shape the second is a copy, but for the name of its own data file."""
    if Feature.EXTENDED_L2 in features:
        cluster = max(cluster, 16 * KIB)
    files = ImageFiles(subject.qemu_img, folder)
    for node in ("one", "two"):
        files.create(AddImage(node, SIZE, cluster=cluster, features=features))
    image, data = files.path("two"), folder / "two.data"
    found = [path.read_bytes() for path in (image, data) if path.exists()]
    image.unlink()
    data.unlink(missing_ok=True)
    subject.qemu_img.create(image, SIZE, cluster=cluster, features=features)
    assert found == [path.read_bytes() for path in (image, data) if path.exists()]
    assert len(found) == 1 + (Feature.DATA_FILE in features)
