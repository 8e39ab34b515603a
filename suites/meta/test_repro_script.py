"""What a script says for each kind of act, and in which order."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fixtures.driver.log import journal
from fixtures.driver.log.journal import (
    Act,
    Asked,
    Awaited,
    Differs,
    Killed,
    Opened,
    OutOfReach,
    PatternFile,
    Ran,
    ReadsOtherwise,
    Received,
    Remark,
    Sent,
    Started,
    Taken,
    Terminated,
)
from fixtures.repro.script import Recording, render

FOLDER = Path("/images/mirror-x")
START = Started(("-machine", "none"))
READY = {"event": "JOB_STATUS_CHANGE", "data": {"id": "job", "status": "ready"}}
STOP = {"event": "STOP", "data": {"id": "no job's"}}
NODES = Sent({"execute": "query-named-block-nodes", "arguments": {"flat": True}})
QUIT = Sent({"execute": "quit"})


def sent(command: str, /, **arguments: object) -> Sent:
    """Return a command as the wire has it."""
    return Sent({"execute": command, "arguments": arguments, "id": "1"})


def asked(line: str) -> Sent:
    """Return an HMP command as the wire has it."""
    return Sent({"execute": "human-monitor-command", "arguments": {"command-line": line}})


def status(name: str, job: str = "job") -> Taken:
    """Return a status that a job was seen to enter."""
    return Taken({"event": "JOB_STATUS_CHANGE", "data": {"id": job, "status": name}})


def script(*acts: Act, failure: str = "") -> str:
    """Return the script of some acts."""
    said = "What it pins (X-01)."
    return render(
        Recording("suites/a/test_b.py::test_c[d]", said, "qemu-system-x", "9.8, dialect v3", FOLDER, acts, failure)
    )


def body(*acts: Act, failure: str = "") -> list[str]:
    """Return what stands below the functions."""
    return script(*acts, failure=failure).partition("\n\n")[2].rpartition("}\n\n")[2].splitlines()


def test_the_head_says_what_and_where_from() -> None:
    """The statement without its ids, the case, the QEMU and whether it passed; programs can be chosen."""
    head = script(START).splitlines()
    assert head[:5] == [
        "#!/usr/bin/env bash",
        "# What it pins.",
        "#",
        "# Made from suites/a/test_b.py::test_c[d]",
        "# of mirror-conformance, which passed, on QEMU 9.8, dialect v3.",
    ]
    assert "QEMU=${QEMU:-qemu-system-x} QEMU_IMG=${QEMU_IMG:-qemu-img}" in head


LINES: dict[str, tuple[list[Act], list[str]]] = {
    "command": ([sent("job-complete", id="job")], ["""qmp job-complete '{"id": "job"}'"""]),
    "no-arguments": ([Sent({"execute": "stop"})], ["qmp stop"]),
    "quote": ([sent("x", name="it's")], ["""qmp x '{"name": "it'"'"'s"}'"""]),
    "descriptor": ([Opened(FOLDER / "a", 17)], ["exec 17<>a"]),
    "handshake": ([Sent({"execute": "qmp_capabilities"})], []),
    "guest": ([asked('qemu-io source "write -q 0 1"')], ['guest source "write -q 0 1"']),
    "named-guest": (
        [Asked(""), Asked("W1"), asked('qemu-io a "w 0"'), asked('qemu-io a "w 1"')],
        ['guest a "w 0"', 'guest a "w 1"  # W1'],
    ),
    "generated-name": (
        [asked('qemu-io #block1234 "w 0"'), sent("x", node="#block407")],
        ["generated 12", 'guest "$name" "w 0"', "generated 4", """qmp x '{"node": "'"$name"'"}'"""],
    ),
    "monitor": ([asked("info block")], ["""qmp human-monitor-command '{"command-line": "info block"}'"""]),
    "replies": ([Received({"return": {}}), Received(READY)], []),
    "queries": ([sent("query-jobs"), sent("x-debug-block-dirty-bitmap-sha256", node="source")], []),
    "folder": ([sent("x", filename=f"{FOLDER}/a.raw")], ["""qmp x '{"filename": "a.raw"}'"""]),
    "qemu-img": ([Ran(("qemu-img", "check", "--output=json", f"{FOLDER}/a b"))], ["img check 'a b'"]),
    "looking": ([Ran(("qemu-img", "map", "a")), Ran(("qemu-img", "info", "a"))], []),
    "other-program": ([Ran(("cp", "a", "b"))], ["cp a b"]),
    "two-patterns": (
        [
            PatternFile(FOLDER / "p-1", "p3", 0, 9),
            PatternFile(FOLDER / "p-10", "p4", 0, 9),
            *(asked(f'qemu-io a "write -s {name} 0 9"') for name in ("p-10", "p-1")),
        ],
        ['guest a "write -s $(pattern p-10 p4 0 9) 0 9"', 'guest a "write -s $(pattern p-1 p3 0 9) 0 9"'],
    ),
    "pattern": (
        [PatternFile(FOLDER / "p-0", "p3", 512, 9), asked(f'qemu-io a "write -s {FOLDER}/p-0 512 9"')],
        ['guest a "write -s $(pattern p-0 p3 512 9) 512 9"'],
    ),
    "out-of-reach": ([OutOfReach("flies to the moon")], []),
    "remark": ([Remark("== b0 dirty: none")], ["#   == b0 dirty: none"]),
    "wait": ([status("running"), status("ready"), sent("x")], ["await job ready", "qmp x"]),
    "two-jobs": ([status("ready"), status("null", "b"), Remark("**")], ["await job ready", "await b null", "#   **"]),
    "pause": ([status("ready"), status("standby"), sent("x")], ["await job ready", "await job standby", "qmp x"]),
    "own-event": ([Received(STOP), Taken(STOP), Remark("..")], ["await - STOP", "#   .."]),
    "passed-over": ([Received(STOP), Taken(STOP), status("null"), Remark("..")], ["await job null", "#   .."]),
    "off-the-record": ([Taken(STOP), Remark("..")], ["#   .."]),
    "terminate": ([Terminated(), START], ['kill "$pid"; while hear; do :; done', "start"]),
    "kill": ([Killed(), START], ['kill -9 "$pid"; wait "$pid" 2>/dev/null', "start"]),
}


@pytest.mark.parametrize("name", LINES)
def test_each_act_has_its_line(name: str) -> None:
    """What was done is said in order; what only observes, and what the script does anyway, is not."""
    acts, lines = LINES[name]
    assert body(START, *acts) == ["start", *lines, "quit"]


def test_each_start_has_its_own_arguments() -> None:
    """What all QEMUs of a case have stands in the function, the rest in the call."""
    text = script(Started(("-machine", "none"), ("-drive", "if=none,id=a")), Killed(), START)
    assert 'exec "$QEMU" -machine none "$@" -qmp stdio' in text
    assert "\nstart \\\n   -drive if=none,id=a\nkill" in text


def test_the_last_look_is_taken() -> None:
    """Of all that was asked, only the bitmaps before the last end of QEMU are shown."""
    assert body(START, NODES, QUIT, START, NODES, sent("stop"), NODES, QUIT) == [
        *("start", "quit", "start", "qmp stop", "bitmaps", "quit"),
    ]


def test_a_failure_ends_with_what_showed_it() -> None:
    """What a failing case asked last is asked again, then QEMU ends, and both sides are printed."""
    assert body(START, sent("stop"), NODES, sent("query-jobs"), failure="jobs\n  expected: none") == [
        *("start", "qmp stop", "bitmaps", "qmp query-jobs", "quit", ""),
        *("# The case failed here:", "#   jobs", "#     expected: none"),
    ]


def test_what_never_came_is_waited_for() -> None:
    """Where a story's wait ended without the event, the script prints all that comes until QEMU ends or is silent."""
    assert body(START, status("ready"), Awaited("null of job"), failure="x")[:3] == [
        *("start", "await job ready", "while hear; do :; done  # awaited: null of job"),
    ]


def test_a_wrong_byte_is_shown() -> None:
    """Where an image does not hold what it must, its bytes are dumped, beside what was expected."""
    lines = body(START, QUIT, Differs(FOLDER / "a.qcow2", "qcow2", 1030, "expected 1, found 2"), failure="x")
    assert lines[2:4] == [
        "img dd -f qcow2 -O raw bs=512 skip=2 count=1 if=a.qcow2 of=bytes",
        "od -A d -t x1 -j 6 -N 16 bytes  # expected 1, found 2",
    ]


def test_a_byte_that_is_read_wrong_is_shown() -> None:
    """Where a guest reads something else, it reads the sector once more."""
    lines = body(START, ReadsOtherwise("target", 1030, "expected 1, found 2"), failure="x")
    assert lines[1] == 'guest target "read -v 1024 512"  # at 1030: expected 1, found 2'


def test_only_needed_functions_are_defined() -> None:
    """A script has the functions that it calls, and those that they call."""
    text = script(START, Sent({"execute": "stop"}))
    assert [name for name in ("start", "hear", "qmp", "quit", "await", "guest", "img") if f"\n{name}() {{" in text] == [
        *("start", "hear", "qmp", "quit"),
    ]


BEHAVIOURS = {
    "answers": (
        """echo '{"QMP": {}}'; for _ in 1 2 3; do read -r line; echo '{"return": {}}'; done""",
        "== QEMU ended with status 0",
        0,
    ),
    "dies": ("read -r line; exit 3", "== QEMU ended with status 3", 1),
    "crashes": ("read -r line; kill -ABRT $$", "== QEMU ended with status 134", 1),
    "is-silent": ("exec sleep 60", "!! nothing from QEMU for 1 seconds", 1),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_script_ends_with_its_qemu(behaviour: str, tmp_path: Path) -> None:
    """A QEMU that dies or is silent ends the script, which says so and leaves nothing behind."""
    said, last, status = BEHAVIOURS[behaviour]
    fake, images = tmp_path / "fake", tmp_path / "images"
    fake.write_text(f"#!/bin/bash\n{said}\n")
    fake.chmod(0o755)
    images.mkdir()
    text = script(START, Sent({"execute": "stop"})).replace("30", "1")
    environment = os.environ | {"QEMU": str(fake), "TMPDIR": str(images)}
    done = subprocess.run(["bash", "-c", text], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.splitlines()[-1], done.returncode) == (last, status)
    assert list(images.iterdir()) == []


ALL = [act for acts, _ in LINES.values() for act in acts]


@pytest.mark.parametrize("checker", [["bash", "-n"], ["shellcheck"]], ids=["bash", "shellcheck"])
def test_scripts_are_clean(checker: list[str], tmp_path: Path) -> None:
    """A script with every kind of line satisfies the shell and shellcheck."""
    if not shutil.which(checker[0]):
        pytest.skip(f"{checker[0]} is not installed")
    path = tmp_path / "script"
    path.write_text(script(START, *ALL, NODES, QUIT, Differs(FOLDER / "a", "raw", 1, "x"), failure="x"))
    done = subprocess.run([*checker, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def _pattern(folder: Path, *arguments: Any) -> bytes:
    text = script(START, PatternFile(Path("data"), *arguments), asked('qemu-io a "write -s data 0 1"'))
    function = text[text.index("pattern() {") : text.index("\n}\n", text.index("pattern() {")) + 3]
    subprocess.run(["bash", "-c", f"{function}pattern data {' '.join(map(str, arguments))}"], cwd=folder, check=True)
    return (folder / "data").read_bytes()


def test_patterns_show_their_place(tmp_path: Path) -> None:
    """Bytes depend on the pattern and on their place on the disk alone, and no two sectors of a megabyte are alike."""
    whole = _pattern(tmp_path, "p3", 0, 1 << 20)
    assert len({whole[at : at + 512] for at in range(0, 1 << 20, 512)}) == 1 << 11
    assert _pattern(tmp_path, "p3", 777_777, 99_999) == whole[777_777:][:99_999]
    assert _pattern(tmp_path, "p12", 0, 512) != whole[:512]


def test_the_journal_knows_no_other_acts() -> None:
    """Every kind of act has been tried above."""
    tried = {
        type(act) for act in (*ALL, START, NODES, Awaited(""), Differs(FOLDER, "", 0, ""), ReadsOtherwise("", 0, ""))
    }
    assert tried == set(journal.Act.__args__)
