"""A reference build is made once per source, series and options; what was interrupted goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures import reference
from fixtures.host.console import CannotRun
from fixtures.reference import build_progress, options, recipe, tree

CONFIGURE = """\
#!/bin/sh
echo "$@" >>../configure.calls
"""
NINJA = """\
#!/bin/sh
echo "$@" >>../ninja.calls
[ -z "$STUCK" ] || read word <"$STUCK"
if [ -e ../source/broken.c ]; then
    printf '[1/2] cc good.c\\nFAILED: broken.c.o\\ncc broken.c\\nbroken.c:1: error: oh\\n[2/2] cc late.c\\n'
    exit 1
fi
shift
for program; do mkdir -p "$(dirname "$program")" && echo >"$program"; done
echo '[2/2] ld'
"""
INSTALLED = "#!/bin/sh\nshift 3\nfor package; do echo $package installed; done\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a fake source tree that $QEMU_SRC names, with a fake ninja on PATH and an empty cache."""
    programs, source = tmp_path / "bin", tmp_path / "qemu"
    for path, text in {
        programs / "ninja": NINJA,
        programs / "dpkg-query": INSTALLED,
        source / "configure": CONFIGURE,
        source / options.MESON_OPTIONS: "",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    (tmp_path / "series" / "v9").mkdir(parents=True)
    monkeypatch.setattr(recipe, "SERIES", tmp_path / "series")
    monkeypatch.setattr(tree, "NEEDED", 0)
    monkeypatch.setenv("QEMU_SRC", str(source))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return source


def recipe_of(name: str) -> recipe.Recipe:
    """Return the recipe of a named build."""
    found = recipe.recipe_of(name, fetch=False)
    assert found
    return found


def work_of(name: str) -> Path:
    """Return the work folder of a named build."""
    return recipe_of(name).work


def key_of(name: str) -> str:
    """Return the key that a named build has now."""
    return recipe_of(name).key


def count(calls: Path) -> int:
    """Return how often a fake program was called."""
    return len(calls.read_text().splitlines())


@pytest.mark.usefixtures("source")
def test_a_build_is_made_once() -> None:
    """The second call finds the programs of the first and starts nothing."""
    assert reference.prefix_of("stock") is None
    prefix = reference.build("stock")
    assert reference.build("stock") == prefix == reference.prefix_of("stock")
    assert {path.name for path in (prefix / "bin").iterdir()} >= {"qemu-img", "qemu-storage-daemon"}
    assert count(work_of("stock") / "ninja.calls") == 1


@pytest.mark.usefixtures("source")
def test_an_unknown_name_lists_the_known_ones() -> None:
    """Stock and the folders of series/ can be built, the latter with fixes and bare."""
    with pytest.raises(CannotRun, match=r"no QEMU named 'v8'; known are stock, v9, v9-bare, stock-10\.2, stock-7\.2$"):
        reference.build("v8")


@pytest.mark.usefixtures("source")
def test_fixes_follow_the_feature(tmp_path: Path) -> None:
    """A series is built with the fixes that are for it, bare without any; stock has no patch."""
    series = tmp_path / "series"
    (series / "fixes").mkdir()
    (series / "v9" / "0001-f.patch").touch()
    for name in ("0001-a", "0002-b.stock", "0002-b.series", "0003-c.v9", "0003-c.v8"):
        (series / "fixes" / f"{name}.patch").touch()
    built = {
        name: [path.name.removesuffix(".patch") for path in recipe_of(name).patches]
        for name in ("stock", "v9", "v9-bare")
    }
    assert built == {"stock": [], "v9": ["0001-f", "0001-a", "0002-b.series", "0003-c.v9"], "v9-bare": ["0001-f"]}
    assert [path.name for path in recipe.fixes_of("stock")] == ["0001-a.patch", "0002-b.stock.patch"]


def test_the_key_follows_everything(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another patch content, another source file and another option make another build."""
    patch = tmp_path / "series" / "v9" / "0001.patch"
    keys = [key_of("v9")]
    for path, text in ((patch, "one"), (patch, "two"), (source / "new.c", "int x;")):
        path.write_text(text)
        keys.append(key_of("v9"))
    monkeypatch.setattr(options, "FEATURES", [*options.FEATURES, "--enable-more"])
    keys.append(key_of("v9"))
    assert len(set(keys)) == 5


def test_the_users_tree_is_never_touched(source: Path) -> None:
    """Everything is done in a copy, which leaves out git's own files and build folders."""
    (source / "build").mkdir()
    (source / "build" / "build.ninja").touch()
    (source / ".git").mkdir()
    before = sorted(source.rglob("*"))
    reference.build("stock")
    assert sorted(source.rglob("*")) == before
    assert {path.name for path in (work_of("stock") / "source").iterdir()} == {"configure", "configs", "scripts"}


def test_an_edit_rebuilds_without_configuring(source: Path) -> None:
    """A changed file reaches the copy, unchanged ones keep their times, and removed ones go."""
    (source / "old.c").touch()
    first = reference.build("stock")
    copy = work_of("stock") / "source"
    times = (copy / "configure").stat().st_mtime_ns
    (source / "old.c").unlink()
    (source / "new.c").write_text("int x;")
    assert reference.build("stock") != first
    assert (copy / "new.c").read_text() == "int x;"
    assert not (copy / "old.c").exists()
    assert (copy / "configure").stat().st_mtime_ns == times
    assert count(work_of("stock") / "configure.calls") == 1


def test_a_failing_step_is_shown(source: Path) -> None:
    """The error holds the failing step's output, not its command or other steps, and the log's path."""
    (source / "broken.c").touch()
    with pytest.raises(CannotRun) as caught:
        reference.build("stock")
    assert "broken.c:1: error: oh" in str(caught.value)
    assert "cc " not in str(caught.value)
    assert str(work_of("stock") / "compile.log") in str(caught.value)
    assert reference.prefix_of("stock") is None


@pytest.mark.usefixtures("source")
def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little space is said before anything is unpacked."""
    monkeypatch.setattr(tree, "NEEDED", 1 << 60)
    with pytest.raises(CannotRun, match=r"a build needs \d+ MiB and .* left"):
        reference.build("stock")


def test_a_tree_of_something_else_is_refused(source: Path) -> None:
    """QEMU_SRC must hold a configure."""
    (source / "configure").unlink()
    with pytest.raises(CannotRun, match="is no source tree of QEMU"):
        reference.build("stock")


@pytest.mark.usefixtures("source")
def test_a_killed_build_goes_on(tmp_path: Path) -> None:
    """After kill -9 the next run waits for the orphaned ninja, then continues without configuring again."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "fixtures.reference", "stock"]
    first = subprocess.Popen(command, env={**os.environ, "STUCK": str(fifo)}, stderr=subprocess.DEVNULL)
    with fifo.open("w") as release:  # opens when ninja reads
        first.send_signal(signal.SIGKILL)
        first.wait()
        second = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert second.stderr
        assert "waiting for it" in second.stderr.readline()
        release.write("go\n")
    printed = second.communicate()[0].splitlines()[-1]
    assert Path(printed) == reference.prefix_of("stock")
    assert count(work_of("stock") / "configure.calls") == 1


def test_compiler_cache_and_processors(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ccache is used where it exists, and all processors that this process may use."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert not any("ccache" in word for word in options.configure(source, download=False))
    monkeypatch.setattr("shutil.which", lambda name: name)
    assert "--cc=ccache cc" in options.configure(source, download=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5})
    assert options.jobs() == 3


def test_progress_without_a_terminal_is_ten_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tenth of the steps is said once, and all lines pass through."""
    said: list[str] = []
    monkeypatch.setattr(build_progress, "say", said.append)
    lines = [f"[{step}/200] cc\n" for step in range(1, 201)]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert list(build_progress.shown(lines, "v9", quiet=False)) == lines
    assert said[0] == "v9: step 20 of 200, 10 %"
    assert len(said) == 10
    assert list(build_progress.shown(lines, "v9", quiet=True)) == lines
    assert len(said) == 10
