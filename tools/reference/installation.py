"""The finished programs, copied aside under a private name and renamed when whole."""

import shutil
import tempfile
from pathlib import Path

from tools.reference import options
from tools.reference.recipe import Recipe

FIRMWARE = Path("/usr/share/seabios/bios-256k.bin")


def link_firmware(prefix: Path) -> None:
    """Put the PC firmware where a QEMU of this prefix looks for it; Debian's source comes without."""
    folder = prefix / "share" / "qemu"
    folder.mkdir(parents=True, exist_ok=True)
    if FIRMWARE.exists() and not (folder / FIRMWARE.name).exists():
        (folder / FIRMWARE.name).symlink_to(FIRMWARE)


def install(recipe: Recipe) -> None:
    """Put the programs into the prefix; it either does not exist or is whole."""
    if recipe.prefix.is_dir():
        return
    recipe.prefix.parent.mkdir(parents=True, exist_ok=True)
    private = Path(tempfile.mkdtemp(prefix=".installing-", dir=recipe.prefix.parent))
    (private / "bin").mkdir()
    for program in options.programs():
        shutil.copy(recipe.work / "build" / program, private / "bin")
    link_firmware(private)
    private.chmod(0o755)
    private.rename(recipe.prefix)
