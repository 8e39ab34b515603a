"""How QEMU is configured: only what the suites need, so that a build takes minutes."""

import os
import platform
import shutil
import sys
from pathlib import Path

from tools import CannotRun

FEATURES = [
    "--without-default-features",
    "--without-default-devices",
    "--enable-system",
    "--enable-tools",
    "--enable-kvm",
    "--disable-tcg",
    "--enable-replication",
    "--enable-linux-aio",
    "--enable-linux-io-uring",
    "--enable-fuse",
    "--enable-gnutls",
    "--enable-zstd",
    "--enable-fdt=system",
    "--disable-docs",
    "--disable-install-blobs",
    "--disable-debug-info",
    "--disable-werror",
]
TOOLS = ["qemu-img", "qemu-io", "qemu-nbd", "storage-daemon/qemu-storage-daemon"]
MACHINES = {
    "x86_64": "CONFIG_I440FX=y\nCONFIG_ISAPC=n\nCONFIG_Q35=n\n",
    "aarch64": "CONFIG_ARM_VIRT=y\n",
}
DEVICES = "CONFIG_VIRTIO_PCI=y\nCONFIG_VIRTIO_BLK=y\nCONFIG_VIRTIO_SCSI=y\nCONFIG_SCSI=y\n"


def target() -> str:
    """Return the host's architecture, which is the one that is emulated."""
    machine = platform.machine()
    if machine not in MACHINES:
        raise CannotRun(f"no QEMU can be built for {machine}, only for {' and '.join(MACHINES)}")
    return machine


def programs() -> list[str]:
    """Return what is built and installed, as paths in the build tree."""
    return [f"qemu-system-{target()}", *TOOLS]


def write_devices(source: Path) -> None:
    """Put the list of the few machines and devices that cases use into a source tree."""
    name = source / "configs" / "devices" / f"{target()}-softmmu" / "mirror.mak"
    name.parent.mkdir(parents=True, exist_ok=True)
    name.write_text(MACHINES[target()] + DEVICES)


def identity() -> str:
    """Return all that distinguishes this configuration from another, for the key of a build."""
    return "\n".join([*FEATURES, *programs(), MACHINES[target()], DEVICES])


def configure(*, download: bool) -> list[str]:
    """Return the command that configures from a build folder beside the source."""
    arch = target()
    compiler = ["--cc=ccache cc"] if shutil.which("ccache") else []
    own = [f"--target-list={arch}-softmmu", f"--with-devices-{arch}=mirror", f"--python={sys.executable}"]
    return ["../source/configure", *own, *FEATURES, *compiler, f"--{'enable' if download else 'disable'}-download"]


def jobs() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0))


def environ(work: Path) -> dict[str, str]:
    """Return the environment of a build: ccache sees equal files of two work folders as equal."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "NINJA_STATUS", "MAKEFLAGS")}
    return {**kept, "LC_ALL": "C.UTF-8", "CCACHE_BASEDIR": str(work.parent), "CCACHE_NOHASHDIR": "1"}
