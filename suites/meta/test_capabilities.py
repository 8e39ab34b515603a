"""What a QEMU can do is found by probing: names of its schema, how it wants to be started, what it warns of then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.driver.qemu.launch import Launch, deprecations
from fixtures.subject import schema
from fixtures.vocabulary.capabilities import REFERENCE, table
from suites.meta.project import FAKE, Project

SCHEMA: list[dict[str, Any]] = [
    {"name": "copy", "meta-type": "command", "arg-type": "1", "ret-type": "[3]"},
    {"name": "1", "meta-type": "object", "members": [{"name": "sync", "type": "2"}, {"name": "id", "type": "str"}]},
    {"name": "2", "meta-type": "enum", "members": [{"name": "full"}, {"name": "top"}], "values": ["full", "top"]},
    {"name": "[3]", "meta-type": "array", "element-type": "3"},
    {"name": "3", "meta-type": "object", "members": [{"name": "type", "type": "2"}], "variants": [{"type": "4"}]},
    {"name": "4", "meta-type": "object", "members": [{"name": "synced", "type": "bool"}]},
    {"name": "5", "meta-type": "event", "arg-type": "1"},
    {"name": "str", "meta-type": "builtin"},
    {"name": "bool", "meta-type": "builtin"},
]
NEEDS = """
import pytest

@pytest.mark.needs("blockdev-mirror.sync=full", "blockdev-mirror.id")
def test_has(bench):
    bench.finish("done")

@pytest.mark.needs("blockdev-mirror.sync=bitmap", "blockdev-mirror.sync=full", "blockdev-mirror.bitmap")
def test_has_not(bench):
    raise AssertionError("never called")
"""
WARNING = "qemu-system-x86_64: -mon chardev=qmp: warning: '-mon' is deprecated, use '-object'"
_WAYS = 'WAYS = ["-mon"]'


def test_names_of_a_schema() -> None:
    """Commands, their members, values of enums, and members of each branch of what is returned have names."""
    assert schema.names(SCHEMA) == {
        *("copy", "copy.sync", "copy.sync=full", "copy.sync=top", "copy.id", "copy:type", "copy:synced")
    }


def test_a_case_needs_members_and_values(tmp_path: Path) -> None:
    """A case is run if the schema has all that it needs, else the skip names what is missing."""
    project = Project(tmp_path)
    project.module.write_text(NEEDS)
    project.run()
    cases = project.cases()
    assert cases["test_has"]["outcome"] == "passed"
    missing = "this QEMU comes without blockdev-mirror.sync=bitmap, blockdev-mirror.bitmap"
    assert (cases["test_has_not"]["outcome"], cases["test_has_not"]["reason"]) == ("not run", missing)


WARNING_FAKE = f"print({WARNING!r}, file=sys.stderr)"
STARTS = {
    "old": (_WAYS, ""),
    "new": ('WAYS = ["-object"]', ""),
    "warns": (f"{_WAYS}; {WARNING_FAKE}", WARNING),
}


@pytest.mark.parametrize(("ways", "warning"), STARTS.values(), ids=STARTS)
def test_a_qemu_is_started_as_it_wants(tmp_path: Path, ways: str, warning: str) -> None:
    """QMP is asked for in a way that the QEMU takes; its warning is printed once and fails no case."""
    project = Project(tmp_path)
    project.install(FAKE.replace(_WAYS, ways))
    project.module.write_text('def test_it(bench):\n    bench.finish("done")\n')
    run = project.run()
    assert run.status == 0, run.text
    assert run.text.count("it warns of how it is started: ") == bool(warning)
    assert warning in run.text


@pytest.mark.parametrize("said", ["a complaint", WARNING.replace("deprecated", "odd")])
def test_other_words_on_stderr_fail_a_case(tmp_path: Path, said: str) -> None:
    """Only a deprecation is passed over, and only as often as a start prints it."""
    project = Project(tmp_path)
    project.install(FAKE.replace(_WAYS, f"{_WAYS}; print({said!r}, file=sys.stderr)"))
    project.module.write_text('def test_it(bench):\n    bench.finish("done")\n')
    run = project.run()
    assert (run.status, "complaints on stderr" in run.text) == (1, True)


def test_a_warning_is_known_by_its_text() -> None:
    """The descriptor is another number each time; a second warning of the same is news."""
    first, second = (f"qemu: -chardev socket,fd={number}: warning: 'fd' is deprecated\n" for number in (7, 9))
    launch = Launch(warnings=deprecations(f"noise\n{first}"))
    assert launch.judged(f"{second}noise\n{first}") == f"noise\n{first}"


def test_each_flag_has_its_reason() -> None:
    """The table says of each flag how it is probed and what follows from it."""
    rows = table(REFERENCE)
    assert {row.name for row in rows} == vars(REFERENCE).keys() - {"schema"}
    assert all(row.probe and row.effect for row in rows)
