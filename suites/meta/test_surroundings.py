"""A machine that lacks what every case needs is named in one sentence, before the first case."""

from __future__ import annotations

import errno
import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.host import surroundings
from fixtures.host.console import CannotRun
from suites.meta.project import Project


def failing(number: int) -> Callable[[], None]:
    """Return a function that fails with an error number."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


MISSING: dict[str, tuple[object, str, object, str]] = {
    "pty": (os, "openpty", failing(errno.ENODEV), "no pseudo-terminal can be opened (No such device): is /dev/pts"),
    "temporary": (tempfile, "gettempdir", failing(errno.ENOENT), "there is no folder for temporary files: No such"),
    "memory": (resource, "getrlimit", lambda _: (400 << 20, 400 << 20), "a process may have 400 MiB of memory and"),
    "devices": (os, "devnull", "/no/such/null", "there is no /no/such/null: "),
}


@pytest.mark.parametrize(("place", "name", "instead", "sentence"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, instead: object, sentence: str
) -> None:
    """Each is refused by itself, with what to look at."""
    surroundings.check()
    monkeypatch.setattr(place, name, instead)
    with pytest.raises(CannotRun, match=r"^[^\n]+$") as caught:
        surroundings.check()
    assert str(caught.value).startswith(sentence)


def test_a_run_without_enough_memory_does_not_begin(tmp_path: Path) -> None:
    """The sentence is all that is printed, with the status of a wrong call, and nothing is left behind."""
    project = Project(tmp_path)
    project.module.write_text("def test_it(bench):\n    pass\n")
    before, limits = project.files(), resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (800 << 20, limits[1]))
    try:
        run = project.run()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
    sentence = "ERROR: a process may have 800 MiB of memory and needs 1024 MiB: see `ulimit -v`"
    assert (run.status, run.text.strip()) == (4, sentence)
    assert project.files() == before


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """It is not said that the QEMU does not run."""
    project = Project(tmp_path)
    project.module.write_text("def test_it(bench):\n    pass\n")
    (tmp_path / "file").touch()
    run = project.run(XDG_CACHE_HOME=str(tmp_path / "file"))
    place = tmp_path / "file" / "mirror-conformance" / "dialects"
    assert run.status == 4
    assert run.text.strip() == f"ERROR: {place} cannot be written: Not a directory; XDG_CACHE_HOME names its place"


def test_a_folder_without_direct_io_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Cases that want O_DIRECT are not run where no file can be opened so; the reason names the folder."""
    monkeypatch.setattr(os, "open", failing_open(os.open))
    assert surroundings.why_no_direct_io.__wrapped__(str(tmp_path)) == (
        f"files in {tmp_path} cannot be opened with O_DIRECT: see --images"
    )


def test_direct_io_and_io_uring_are_tried() -> None:
    """Whatever this machine has, the answer is a reason or none."""
    assert surroundings.why_no_io_uring.__wrapped__() in ("", *IO_URING_REFUSALS)


IO_URING_REFUSALS = tuple(
    f"this kernel gives no io_uring: {os.strerror(number)}" for number in (errno.ENOSYS, errno.EPERM, errno.ENOMEM)
)


def failing_open(opened: Callable[..., int]) -> Callable[..., int]:
    """Return os.open as a file system has it that knows no O_DIRECT."""

    def open_file(path: str, flags: int, *more: int, **others: int) -> int:
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return opened(path, flags, *more, **others)

    return open_file
