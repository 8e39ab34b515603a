"""A base is any source tree from QEMU 7.2 on: what a tree knows decides how it is configured, never its version."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.reference import compilation, debian, devices, options, recipe

KCONFIG = "".join(f"config {symbol}\n    bool\n" for symbol in ("I440FX", "ARM_VIRT", "Q35", "SCSI"))
ACPI_TABLES = "GSList *list = cxl_fmws_get_all_sorted();\n"
CXL_HEADER = "#define X\nvoid cxl_other(int one);\nGSList *cxl_fmws_get_all_sorted(void);\n"
LISTED = "Package: qemu\nVersion: 1:{}\n\nPackage: qemu\nVersion: 1:{}\nVersion: 1:11.1.2+ds-3\n"


def tree(folder: Path, **files: str) -> Path:
    """Write a small source tree; ``__`` in a name stands for a slash, and the last ``_`` for the dot."""
    for name, text in files.items():
        *folders, last = name.split("__")
        path = folder.joinpath(*folders, ".".join(last.rsplit("_", 1)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def made(source: Path) -> dict[str, str]:
    """Return the symbols of the list of devices that is written into a tree."""
    devices.write(source)
    text = next((source / "configs" / "devices").glob("*/mirror.mak")).read_text()
    return dict(line.removeprefix("CONFIG_").split("=") for line in text.splitlines())


def kconfig(source: Path) -> Path:
    """Give a tree definitions of symbols."""
    (source / "hw" / "some").mkdir(parents=True, exist_ok=True)
    (source / "hw" / "some" / "Kconfig").write_text(KCONFIG)
    return source


def test_devices_are_those_that_kconfig_defines(tmp_path: Path) -> None:
    """A symbol that no Kconfig defines is left out: Kconfig would stop at it."""
    assert made(kconfig(tmp_path)).keys() <= {"I440FX", "Q35", "ARM_VIRT", "SCSI"}


@pytest.mark.parametrize("stub", ["", "\nGSList *cxl_fmws_get_all_sorted(void)\n{\n    abort();\n}\n"])
def test_what_acpi_calls_of_cxl_gets_a_stub(tmp_path: Path, stub: str) -> None:
    """ACPI's tables call a function of CXL that has no stub in QEMU 10.2; what a tree has, stays as it is."""
    files = {"hw__cxl__cxl-host-stubs_c": f"#include <x.h>\n{stub}", "include__hw__cxl__cxl_host_h": CXL_HEADER}
    source = kconfig(tree(tmp_path, hw__acpi__cxl_c=ACPI_TABLES, **files))
    expected = "#include <x.h>\n\nGSList *cxl_fmws_get_all_sorted(void)\n{\n    abort();\n}\n"
    for _ in range(2):
        devices.write(source)
        assert (source / devices.CXL_STUBS).read_text() == expected


def test_options_are_those_that_the_tree_takes(tmp_path: Path) -> None:
    """An option counts as known whatever its value is, and not because another one begins alike."""
    texts = {"scripts__meson-buildoptions_sh": "--enable-fdt=*) --enable-fuse-lseek)"}
    (tree(tmp_path, **texts) / "configure").write_text("--enable-tools) --python=*)")
    command = options.configure(tmp_path, download=True)
    assert {"--enable-fdt=system", "--enable-tools", f"--python={sys.executable}"} < set(command)
    assert not {"--enable-fuse", "--enable-download"} & set(command)


def test_a_tree_before_its_own_meson_takes_ours(tmp_path: Path) -> None:
    """Where configure has --meson, an explicit Python would demand a meson that Debian's source does not have."""
    (tree(tmp_path, **{"scripts__meson-buildoptions_sh": ""}) / "configure").write_text("--python=*) --meson=*)")
    command = options.configure(tmp_path, download=False)
    assert [word for word in command if "python" in word.partition("=")[0]] == []
    assert f"--meson={Path(sys.executable).parent / 'meson'}" in command


def test_an_unsupported_tree_is_one_sentence(tmp_path: Path) -> None:
    """A tree that is older than what we can configure ends the build with what it lacks, and status 2."""
    (tmp_path / "configure").write_text("#!/bin/sh\n")
    command = [sys.executable, "-m", "fixtures.reference", "stock"]
    environment = {**os.environ, "QEMU_SRC": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert [line.partition(": ")[2] for line in done.stderr.splitlines()] == [
        f"QEMU_SRC={tmp_path} is no source tree of QEMU 7.2 or later: it has no scripts/meson-buildoptions.sh"
    ]


def test_what_configure_refuses_is_shown_alone() -> None:
    """Of a long log of configure or meson only the error is quoted, with its indented lines."""
    log = "checking\n\nERROR: glib-2.56 gthread-2.0 is required\n       to compile QEMU\nmore\n"
    assert compilation.configure_error(log) == [
        "ERROR: glib-2.56 gthread-2.0 is required\n       to compile QEMU",
    ]
    assert compilation.configure_error("x\n../meson.build:9:2: ERROR: no fuse3\n\nA log\n") == [
        "../meson.build:9:2: ERROR: no fuse3",
    ]
    assert compilation.configure_error("all fine\n") == []


@pytest.mark.parametrize(
    ("base", "versions", "newest"),
    [
        ("10.2", ("10.2.2+ds-1", "10.2.10+ds-1"), "1:10.2.10+ds-1"),
        ("7.2", ("7.20+dfsg-1", "7.2+dfsg-7+deb12u18"), "1:7.2+dfsg-7+deb12u18"),
    ],
)
def test_the_newest_point_release_of_a_line(base: str, versions: tuple[str, str], newest: str) -> None:
    """Of what a suite lists, another line of releases does not count, and versions are ordered as Debian does."""
    assert debian.newest(base, LISTED.format(*versions)) == newest


def test_a_line_that_left_its_suite_is_one_sentence() -> None:
    """When a suite has moved on, the error names QEMU_SRC."""
    with pytest.raises(CannotRun, match=r"Debian sid has no source of QEMU 10\.2 any more; give QEMU_SRC"):
        debian.newest("10.2", LISTED.format("11.0.0+ds-1", "11.1.3+ds-1"))


def patches_of(name: str, series: Path) -> list[str]:
    """Return the paths of the patches of a named QEMU below a folder, without their ending."""
    return [str(path.relative_to(series).with_suffix("")) for path in recipe.patches_of(name)]


def test_a_name_says_its_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock is there on each base; a series only where it has a folder of the base, whose patches stand for others."""
    for name in ("v9/0001-a", "v9/0002-b", "v9/10.2/0002-b", "v8/0001-a", "fixes/0001-f", "fixes/10.2/0001-f"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.patch").touch()
    monkeypatch.setattr(recipe, "SERIES", tmp_path)
    default = ["stock", "v8", "v8-bare", "v9", "v9-bare"]
    assert recipe.names() == [*default, "stock-10.2", "v9-10.2", "v9-bare-10.2", "stock-7.2"]
    patches = {name: patches_of(name, tmp_path) for name in recipe.names()}
    assert patches["v9-10.2"] == ["v9/0001-a", "v9/10.2/0002-b", "fixes/10.2/0001-f"]
    assert patches["v9-bare-10.2"] == ["v9/0001-a", "v9/10.2/0002-b"]
    assert patches["v9"] == ["v9/0001-a", "v9/0002-b", "fixes/0001-f"]
    assert patches["stock-7.2"] == []
