"""What qcow2 images of real users have beyond the default, and what it needs to open files as real users do."""

from __future__ import annotations

from enum import StrEnum

from fixtures.vocabulary.enums import Access, Feature


class Layout(StrEnum):
    """What a qcow2 image, source or target, has beyond the default."""

    PLAIN = "plain"
    DATA_FILE = "data-file"  # its data lies in an external file
    RAW_DATA_FILE = "raw-data-file"  # which is the disk by itself
    EXTENDED_L2 = "extended-l2"
    LAZY = "lazy-refcounts"
    VERSION_2 = "compat-0.10"

    @property
    def features(self) -> tuple[Feature, ...]:
        """Return what the image is created with."""
        return _FEATURES[self]


_FEATURES = {
    Layout.PLAIN: (),
    Layout.DATA_FILE: (Feature.DATA_FILE,),
    Layout.RAW_DATA_FILE: (Feature.RAW_DATA_FILE,),
    Layout.EXTENDED_L2: (Feature.EXTENDED_L2,),
    Layout.LAZY: (Feature.LAZY_REFCOUNTS,),
    Layout.VERSION_2: (Feature.VERSION_2,),
}
NEEDS: dict[Access, tuple[str, ...]] = {
    Access.DIRECT: ("O_DIRECT",),
    Access.NATIVE: ("O_DIRECT", "blockdev-add.aio=native"),
    Access.IO_URING: ("io_uring_setup", "blockdev-add.aio=io_uring"),
}
"""What QEMU and host must have for a file to be opened so; what is not here, always can be."""
