"""Untrusted code can read little, write nothing of ours and has no network."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.host.provision import packages
from tools.reviewing import sandbox
from tools.reviewing.sandbox import Sandbox


def working() -> Sandbox:
    """Return the sandbox, or skip with the reason for which there is none."""
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    try:
        return sandbox.find(wanted=True)
    except CannotRun as problem:
        pytest.skip(str(problem))


def hostile(script: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script in the sandbox, with tmp_path/build writable and tmp_path/source visible."""
    for name in ("build", "source"):
        (tmp_path / name).mkdir()
    command = working().command(
        ["sh", "-c", script],
        folder=tmp_path / "build",
        visible=[(tmp_path / "source", tmp_path / "source")],
        writable=[(tmp_path / "build", tmp_path / "build")],
    )
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_only_the_build_folder_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither home, the source, the system nor this project is written to, not even by mounting anew."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    places = [Path.home(), tmp_path / "source", tmp_path, Path("/usr"), ROOT, Path("/etc")]
    script = "; ".join(f"mount -o remount,bind,rw {place}; touch {place}/hostile" for place in places)
    done = hostile(f"{script}; touch mine; touch $HOME/private", tmp_path)
    assert [place for place in places if (place / "hostile").exists()] == []
    assert list((tmp_path / "home").iterdir()) == []
    assert (tmp_path / "build" / "mine").exists()
    assert done.returncode == 0, done.stderr


def test_nothing_of_ours_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beside the build folder, the environment and the processes outside cannot be seen."""
    (tmp_path / "secret").write_text("secret\n")
    monkeypatch.setenv("TOKEN", "secret")
    done = hostile(f"cat {tmp_path}/secret; env; cat /proc/*/environ; ls -d /proc/[0-9]*", tmp_path)
    assert "secret" not in done.stdout
    assert f"/proc/{os.getpid()}\n" not in done.stdout


def test_the_network_is_not_seen(tmp_path: Path) -> None:
    """Not even a service of this machine can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        done = hostile(f"exec bash -c 'echo hello >/dev/tcp/127.0.0.1/{port}'", tmp_path)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert done.returncode != 0
    assert "refused" in done.stderr


def test_no_process_is_left(tmp_path: Path) -> None:
    """What a build leaves in the background ends with it, so nothing holds its output open."""
    done = hostile("sleep 1000 & echo done", tmp_path)
    assert done.stdout == "done\n"


def test_no_right_is_left(tmp_path: Path) -> None:
    """Also of root nothing remains: no capability, and no namespace in which to get one."""
    done = hostile("grep CapEff /proc/self/status; unshare -Ur true && echo got one", tmp_path)
    assert done.stdout.split() == ["CapEff:", "0" * 16]


def test_without_bubblewrap_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says how to get it and how to do without."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(packages, "missing", lambda _: ["bubblewrap"])
    with pytest.raises(CannotRun) as caught:
        sandbox.find(wanted=True)
    assert "only run in a sandbox: this system lacks (by Debian's names): bubblewrap" in str(caught.value)
    assert "SANDBOX=no" in str(caught.value)


def test_where_bubblewrap_fails_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that forbids namespaces is named, and nothing is run without protection."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match=r"does not work here \(bwrap: No permissions to create a new namespace\)"):
        sandbox.find(wanted=True)


def test_the_command_line() -> None:
    """No network, no capability, no environment; folders of the caller come last, the command behind ``--``."""
    pair = (Path("/a"), Path("/b"))
    words = Sandbox("/bwrap").command(["ninja", "-n"], folder=Path("/b"), writable=[pair], environment={"A": "1"})
    assert words[:3] == ["/usr/bin/env", "-i", "/bwrap"]
    for option in ("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"):
        assert option in words
    assert words[words.index("--cap-drop") + 1] == "ALL"
    assert words[words.index("/a") - 1] == "--bind"
    assert words.count("--bind") == 1
    assert words.index("--clearenv") < words.index("--setenv")
    assert words[words.index("--remount-ro") :] == ["--remount-ro", "/", "--chdir", "/b", "--", "ninja", "-n"]


def test_without_a_sandbox_the_command_is_as_it_was() -> None:
    """SANDBOX=no is the caller's own decision."""
    assert sandbox.find(wanted=False).command(["true"], folder=Path("/")) == ["true"]
