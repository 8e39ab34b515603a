"""What a fresh machine lacks is found, installed once, or named in one sentence."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.host import cache
from fixtures.host.console import CannotRun
from fixtures.host.provision import environment, packages

Programs = Callable[..., None]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Make PATH hold only the given programs, each a shell script; all share the log `calls`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))

    def write(**scripts: str) -> None:
        for name, script in scripts.items():
            path = folder / name.replace("_", "-")
            path.write_text(f'#!/bin/sh\nprintf "%s\\n" "${{0##*/}} $*" >>"$CALLS"\n{script}\n')
            path.chmod(0o755)

    return write


def calls(tmp_path: Path) -> list[str]:
    """Return the calls that the fake programs logged."""
    return (tmp_path / "calls").read_text().splitlines()


def test_missing_is_what_dpkg_does_not_call_installed(programs: Programs) -> None:
    """A package that is unknown to dpkg, or only has its configuration left, is missing."""
    programs(dpkg_query='echo "gcc installed\nflex config-files"; exit 1')
    assert packages.missing({"gcc": "cc", "flex": "flex", "bison": ""}) == ["flex", "bison"]


def test_without_dpkg_the_command_proves_the_package(programs: Programs) -> None:
    """On other systems a command on PATH is enough, and packages without a command are left to configure."""
    programs(cc="")
    assert packages.missing({"gcc": "cc", "flex": "flex", "zlib1g-dev": ""}) == ["flex"]


def test_nothing_missing_calls_nothing_else(programs: Programs, tmp_path: Path) -> None:
    """When all is there, dpkg-query is the only program that runs."""
    names = packages.listed("build")
    programs(dpkg_query=f"for p in {' '.join(names)}; do echo $p installed; done", apt_get="exit 1")
    packages.ensure("build")
    assert [call.split()[0] for call in calls(tmp_path)] == ["dpkg-query"]


def test_missing_without_privilege_names_the_one_command(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root, the error names the command to run."""
    programs(dpkg_query="", apt_get="exit 1", sudo="exit 1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CannotRun, match=r"as root run: apt-get update && apt-get install .* python3-venv$"):
        packages.ensure("environment")


def test_lists_are_refreshed_only_when_apt_does_not_know_the_package(programs: Programs, tmp_path: Path) -> None:
    """`apt-get update` runs between a simulation that fails and the installation, and not otherwise."""
    programs(env='shift; exec "$@"', apt_get='case "$*" in *--simulate*new*) exit 1;; esac')
    packages.install(["old"])
    assert not any("update" in call for call in calls(tmp_path))
    packages.install(["new"])
    assert sum("apt-get update" in call for call in calls(tmp_path) if call.startswith("apt-get")) == 1


def test_no_apt_is_one_sentence(programs: Programs) -> None:
    """A system without apt names what it lacks."""
    programs()
    with pytest.raises(CannotRun, match=r"this system lacks .*ninja-build"):
        packages.ensure("build")


def test_every_listed_package_is_read() -> None:
    """Comments and reasons are no part of the list of packages."""
    assert packages.listed("source") == {
        "dpkg-dev": "dpkg-source",
        "patch": "patch",
        "xz-utils": "xz",
        "ca-certificates": "",
    }


def test_oldest_pins_lower_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`>=` becomes `==` and drops the upper bound; exact pins stay; tools for development are left out."""
    project = tmp_path / "pyproject.toml"
    project.write_text(
        '[project]\ndependencies = ["a>=1.2,<3", "b==4"]\n[dependency-groups]\nbuild = ["c >= 5"]\ndev = ["d"]\n'
    )
    monkeypatch.setattr(environment, "PYPROJECT", project)
    assert environment.requirements(oldest=True) == ["a==1.2", "b==4", "c ==5"]


def test_own_interpreter_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """$PYTHON comes before $VIRTUAL_ENV, and neither creates anything."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert environment.interpreter() == f"{sys.prefix}/bin/python"
    monkeypatch.setenv("PYTHON", sys.executable)
    assert environment.interpreter() == sys.executable
    assert not list(tmp_path.iterdir())


def test_own_interpreter_without_the_dependencies_is_refused(tmp_path: Path) -> None:
    """An interpreter that lacks something is answered with the command that installs it."""
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\nexit 1\n")
    bare.chmod(0o755)
    with pytest.raises(CannotRun, match=r"python -m fixtures\.host\.provision --install$"):
        environment.able(str(bare))


def test_interrupted_environment_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only an environment with its completion mark is used; the next creation starts from nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made: list[Path] = []

    def fake(command: list[str]) -> None:
        if "venv" in command:
            made.append(Path(command[-1]))
            (made[-1] / "bin").mkdir(parents=True)
            (made[-1] / "bin" / "python").touch()

    monkeypatch.setattr(environment, "quietly", fake)
    home = cache.root() / "venv"
    home.mkdir(parents=True)
    (home / "half").touch()
    environment.create(home, ["pytest"])
    environment.create(home, ["pytest"])
    assert made == [home]
    assert not (home / "half").exists()


def test_second_run_waits_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another process holds is waited for, with a sentence on stderr."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    script = "from fixtures.host import cache\nwith cache.locked('build', 'building'): print('mine')"
    with cache.locked("build", "testing"):
        command = [sys.executable, "-c", script]
        other = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert other.stderr
        assert "another run is building; waiting for it" in other.stderr.readline()
        assert other.poll() is None
    assert other.communicate()[0] == "mine\n"
