"""A QEMU that fails a probe is judged all the same, and one is judged by the dialect that is demanded."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.subject import abilities, dialect
from fixtures.vocabulary.capabilities import REFERENCE, table
from fixtures.vocabulary.enums import Dialect
from suites.meta.project import FAKE, Project, ProjectRun

_ID = '{{"name": "id", "type": "s"}}'.format()
_BITMAP = '{"name": "bitmap", "type": "s"}'
_MODE = '{"name": "bitmap-mode", "type": "s"}'
_COMMANDS = "".join(
    f'{{"name": "{name}", "meta-type": "command", "arg-type": "{kind}", "ret-type": "0"}}, '
    for name, kind in [("blockdev-create", "0"), ("block-commit", "0"), ("blockdev-add", "3")]
)
_DRIVERS = """{"name": "3", "meta-type": "object", "members": [{"name": "driver", "type": "4"}]},
    {"name": "4", "meta-type": "enum", "members": [], "values": ["qcow2", "blkdebug"]}, """
STORY = """
import pytest

@pytest.mark.dialects("v3")
def test_v3(bench):
    bench.finish("done")

@pytest.mark.dialects("v3")
def test_fails(bench):
    assert not bench

@pytest.mark.dialects("v2")
def test_v2(bench):
    bench.finish("done")
"""


def fake(*members: str, at: str = "blockdev-mirror", then: str = "pass", more: str = "") -> str:
    """Return a QEMU whose mirror has these members; ``then`` is what it does at one command."""
    reply = "        value = {"
    assert _ID in FAKE
    assert reply in FAKE
    text = FAKE.replace(_ID, ", ".join((_ID, *members))).replace("SCHEMA = [", f"SCHEMA = [{more}")
    return text.replace(reply, f"        if name == '{at}':\n            {then}\n{reply}")


def judged(folder: Path, script: str, *options: str) -> tuple[Project, ProjectRun]:
    """Run cases of v2 and of v3 on a QEMU."""
    project = Project(folder)
    project.install(script)
    project.module.write_text(STORY)
    return project, project.run(*options)


FAILURES = {
    "crashes": (
        "print('qemu-system-x86_64: oh no', file=sys.stderr, flush=True); import os; os.abort()",
        "QEMU ended with SIGABRT: oh no",
    ),
    "exits": ("sys.exit(3)", "QEMU ended with status 3"),
    "refuses": (
        "say({'error': NO} | {key: command[key] for key in command if key == 'id'}); continue",
        "GenericError: not today",
    ),
}


@pytest.mark.parametrize(("then", "how"), FAILURES.values(), ids=FAILURES)
def test_a_qemu_that_fails_the_probe_is_judged(tmp_path: Path, then: str, how: str) -> None:
    """Its dialect is the newest that fits the schema, the header says why, and the cases are run."""
    project, run = judged(tmp_path, fake(_BITMAP, then=then))
    assert run.status == 1, run.text
    assert run.text.count("version 9.8.7, dialect v3 (assumed, as probing failed)\n") == 2
    assert run.text.count(f"could not be probed: {dialect.REFUSAL}: {how}; yes is assumed\n") == 1
    cases = project.cases()
    assert [cases[name]["outcome"] for name in ("test_v3", "test_v2")] == ["passed", "not run"]


def test_the_dialect_that_is_demanded(tmp_path: Path) -> None:
    """A QEMU that probes as v2 is judged as v3 if told; header, record and the command that repeats a case say so."""
    project, run = judged(tmp_path, fake(_BITMAP), "--dialect=v3")
    assert run.text.count("dialect v3 (demanded; v2 found by probing)\n") == 2
    assert f"--qemu {project.qemu} --dialect v3 --label again" in run.text
    outcomes = [project.cases()[name]["outcome"] for name in ("test_v3", "test_fails", "test_v2")]
    assert outcomes == ["passed", "failed", "not run"]
    assert '"basis": "demanded; v2 found by probing"' in next(tmp_path.glob("out/*/run.json")).read_text()


def test_probing_decides_if_nothing_is_demanded(tmp_path: Path) -> None:
    """The same QEMU is v2, and nothing else is said."""
    project, run = judged(tmp_path, fake(_BITMAP))
    assert run.text.count("version 9.8.7, dialect v2\n") == 2
    assert "could not be probed" not in run.text
    assert [project.cases()[name]["outcome"] for name in ("test_v2", "test_v3")] == ["passed", "not run"]


MISFITS = {
    "stock-as-v3": ((), "v3", "its QMP has no blockdev-mirror.bitmap"),
    "v3-as-v1": ((_BITMAP,), "v1", "its QMP has no blockdev-mirror.bitmap-mode"),
    "v3-as-stock": ((_BITMAP,), "stock", "its QMP has blockdev-mirror.bitmap, and stock has not"),
}


@pytest.mark.parametrize(("members", "demanded", "why"), MISFITS.values(), ids=MISFITS)
def test_a_schema_that_does_not_fit_is_one_sentence(
    tmp_path: Path, members: tuple[str, ...], demanded: str, why: str
) -> None:
    """Without the member that the dialect is about no case could show anything."""
    project, run = judged(tmp_path, fake(*members), f"--dialect={demanded}")
    system = project.qemu / "bin" / "qemu-system-x86_64"
    assert (run.status, run.text.strip()) == (4, f"ERROR: {system} cannot be judged as {demanded}: {why}")


@pytest.mark.parametrize(
    ("names", "fitting"),
    [
        ((), {Dialect.STOCK}),
        (("blockdev-mirror.bitmap",), {Dialect.V2, Dialect.V3}),
        (("blockdev-mirror.bitmap", "blockdev-mirror.bitmap-mode"), {Dialect.V1, Dialect.V2, Dialect.V3}),
    ],
)
def test_what_a_schema_fits(names: tuple[str, ...], fitting: set[Dialect]) -> None:
    """The members decide; a member too much is a failure of the revision, not another dialect."""
    assert {one for one in Dialect if dialect.misfit(one, set(names)) is None} == fitting


def test_each_probe_may_fail_alone(tmp_path: Path) -> None:
    """A QEMU that dies whenever a node is made has the flags of the reference, each with its doubt."""
    script = fake(at="blockdev-add", then="sys.exit(3)", more=_COMMANDS + _DRIVERS)
    _, run = judged(
        tmp_path, script.replace("'blockdev-add'", "'blockdev-add' or name in ('blockdev-create', 'transaction')")
    )
    assert {*abilities.PROBES} == {row.name for row in table(REFERENCE)}
    for row in table(REFERENCE):
        assumed = "yes" if row.value else "no"
        assert f"could not be probed: {row.name}: QEMU ended with status 3; {assumed} is assumed\n" in run.text
    assert "dialect stock\n" in run.text
