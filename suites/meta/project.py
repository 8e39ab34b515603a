"""A tiny project that uses the plugin, with a QEMU that is none: it answers QMP and has no blocks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixtures.host.folders import ROOT

FAKE = f"""#!{sys.executable}
import json, re, socket, sys
NO = {{"class": "GenericError", "desc": "not today"}}
NONE = ["query-named-block-nodes", "query-jobs"]
SCHEMA = [
    {{"name": "blockdev-mirror", "meta-type": "command", "arg-type": "1", "ret-type": "0"}},
    {{"name": "0", "meta-type": "object", "members": []}},
    {{"name": "1", "meta-type": "object", "members": [{{"name": "id", "type": "s"}}, {{"name": "sync", "type": "2"}}]}},
    {{"name": "2", "meta-type": "enum", "members": [{{"name": "full"}}], "values": ["full"]}},
    {{"name": "s", "meta-type": "builtin"}},
]
WAYS = ["-mon"]
if not set(WAYS) & set(sys.argv):
    sys.exit("no such monitor")
VERSION = {{"qemu": {{"major": 9, "minor": 8, "micro": 7}}, "package": ""}}
sock = socket.socket(fileno=int(re.search(r"fd=([0-9]+)", " ".join(sys.argv))[1]))
say = lambda message: sock.sendall(json.dumps(message).encode() + b"\\n")
say({{"QMP": {{"version": VERSION, "capabilities": []}}}})
text, name = "", ""
while name != "quit" and (data := sock.recv(4096)):
    text += data.decode()
    while text:
        try:
            command, end = json.JSONDecoder().raw_decode(text)
        except json.JSONDecodeError:
            break
        text, name = text[end:], command["execute"]
        value = {{"query-qmp-schema": SCHEMA, "query-version": VERSION}}.get(name, [] if name in NONE else {{}})
        say({{"return": value}} | {{key: command[key] for key in command if key == "id"}})
"""
REPLY = '{"return": value}'
REFUSING = FAKE.replace(REPLY, f"({REPLY} if name != 'query-qmp-schema' else {{'error': NO}})")
CONFTEST = """
from pathlib import Path
from fixtures.host import folders
folders.ROOT = Path(__file__).parent
folders.GOLDEN = folders.ROOT / "golden"
pytest_plugins = ["fixtures.plugin"]
"""


@dataclass(frozen=True)
class ProjectRun:
    """How a run ended: ``text`` is all that it printed."""

    status: int
    text: str


class Project:
    """A folder with a suite, a QEMU and a place for images and results."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.images = folder / "images"
        self.images.mkdir()
        self.module = folder / "suites" / "room" / "test_cases.py"
        self.module.parent.mkdir(parents=True)
        (folder / "conftest.py").write_text(CONFTEST)
        self.qemu = folder / "qemu"
        self.install(FAKE)

    def install(self, script: str) -> None:
        """Replace the programs of the QEMU under test by this script."""
        for name in ("qemu-system-x86_64", "qemu-img"):
            path = self.qemu / "bin" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(script)
            path.chmod(0o755)

    def run(self, *options: str, **environment: str) -> ProjectRun:
        """Run the suite as the project's own are run."""
        fixed = [f"--rootdir={self.folder}", f"--images={self.images}", f"--out={self.folder / 'out'}"]
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
        command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), *fixed, f"--qemu={self.qemu}"]
        done = subprocess.run(
            [*command, *options, str(self.folder / "suites")],
            cwd=self.folder,
            env=kept | {"XDG_CACHE_HOME": str(self.folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return ProjectRun(done.returncode, done.stdout)

    def files(self) -> set[str]:
        """Return all that lies in the folder."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}

    def cases(self) -> dict[str, dict[str, Any]]:
        """Return the record of the run by the names of cases."""
        lines = next((self.folder / "out").glob("*/cases.jsonl")).read_text().splitlines()
        return {case["id"].rpartition("::")[2]: case for case in map(json.loads, lines)}
