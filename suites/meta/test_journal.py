"""The journal of what the driver does: its listeners, and that no module of the driver forgets it."""

from __future__ import annotations

import ast
import contextlib
from pathlib import Path

import pytest

from fixtures.driver.log import journal
from fixtures.host.folders import ROOT
from fixtures.plugin import scripts
from fixtures.transcript.transcript import Transcript
from fixtures.vocabulary.steps import Flush, Write

ONE, TWO, THREE = (journal.Ran(("qemu-img", word)) for word in ("one", "two", "three"))


def test_listeners_hear_what_is_noted_while_they_listen() -> None:
    """Every listener has the acts between its beginning and its end, in order."""
    outer: list[journal.Act] = []
    inner: list[journal.Act] = []
    with journal.heard_by(outer.append):
        journal.note(ONE)
        with journal.heard_by(inner.append):
            journal.note(TWO)
        journal.note(THREE)
    journal.note(ONE)
    assert (outer, inner) == ([ONE, TWO, THREE], [TWO])


def test_off_the_record_no_listener_is_called() -> None:
    """What only observes reaches no listener, and listening goes on after it, even after an error."""
    heard: list[journal.Act] = []
    with journal.heard_by(heard.append):
        with contextlib.suppress(ValueError), journal.off_the_record():
            journal.note(ONE)
            raise ValueError
        journal.note(TWO)
    assert heard == [TWO]


ACTIVE = {"subprocess", "sh", "shutil", "asyncio"}
"""Libraries that start programs, make files or talk."""
WRITING = {"write_bytes", "write_text", "O_RDWR", "O_WRONLY"}


def _uses(module: Path) -> tuple[bool, bool]:
    """Return whether a module starts programs, makes files or talks, and whether it knows the journal."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return bool(names & ACTIVE or attributes & WRITING), "journal" in names


SILENT = {
    "backtrace.py": "runs gdb on what is dead",
    "binaries.py": "only looks for programs",
    "caller.py": "runs what qemu_img.py notes",
    "dialect.py": "writes its own cache, and asks before any case",
    "protocol.py": "only parses: the server and the guest that use it write to the journal",
}


DRIVER = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "fixtures" / "driver").rglob("*.py"))}


@pytest.mark.parametrize("module", DRIVER.values(), ids=[name.replace("/", ".") for name in DRIVER])
def test_a_module_that_acts_notes_it(module: Path) -> None:
    """A module of the driver that starts programs or makes files notes it, or a script would lack it."""
    acts, knows = _uses(module)
    assert knows or not acts or module.name in SILENT


def test_the_journal_has_of_a_story_what_the_driver_does_not_say() -> None:
    """Lines are remarks, but of a guest's requests only the names are wanted, and commands come from the driver."""
    transcript, heard = Transcript(), list[journal.Act]()
    transcript.listener = scripts.note
    with journal.heard_by(heard.append):
        transcript.command("job-complete", {"id": "job"})
        transcript.write(Write(0, 512, name="W1"))
        transcript.write(Write(0, 512))
        transcript.flush(Flush())
        transcript.observed("b0 dirty: none")
    assert heard == [*map(journal.Asked, ("W1", "", "flush")), journal.Remark("== b0 dirty: none")]
