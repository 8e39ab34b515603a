"""One series after the other: apply, build, run, with the base's own run to compare with."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fixtures.host import cache
from fixtures.host.console import CannotRun, say
from fixtures.host.folders import ROOT
from fixtures.reference import installation
from fixtures.reference.recipe import Recipe
from fixtures.runs.run import NoRun, Run, load
from fixtures.vocabulary.enums import Dialect
from tools.reviewing import running
from tools.reviewing.application import Repository, is_only_tests, own_tests
from tools.reviewing.outcome import Review, ReviewStage
from tools.reviewing.sandbox import Sandbox
from tools.reviewing.series import Patch, Series
from tools.reviewing.workshop import Workshop

_JUDGES = ("fixtures", "suites", "golden", "conftest.py", "pyproject.toml")
"""What decides how a run ends, beside the QEMU."""


@dataclass(frozen=True)
class Applied:
    """A series in a repository: the patches that change what is built, each with its commit."""

    repository: Repository
    steps: tuple[tuple[Patch, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What is built at once: all up to a ``patch``, which is a ``commit``; the run's label is ``name``."""

    name: str
    patch: Patch
    commit: str


@dataclass(frozen=True)
class Judge:
    """Judges series on a ``base``, with all that is temporary in ``place`` and the runs below ``out``."""

    base: Recipe
    place: Path
    lock: int
    sandbox: Sandbox
    out: Path
    selection: tuple[str, ...]

    def applied(self, label: str, series: Series) -> Applied:
        """Apply all patches; raises ``CannotRun`` with the first that does not fit."""
        repository = Repository(self.place / f"{label}.git", self.base.work / "source", series.patches)
        steps, notes, head = [], [], repository.head()
        for patch in series.patches:
            try:
                before, head = head, repository.apply(patch)
            except CannotRun as problem:
                raise CannotRun(f"{label}: {problem}") from None
            if head != before:
                steps.append((patch, head))
            elif not is_only_tests(patch):
                notes.append(f"patch {patch.place} is in the base already")
        return Applied(repository, tuple(steps), tuple(notes))

    def review(
        self, label: str, series: Series, applied: Applied, *, each: bool, dialect: Dialect | None = None
    ) -> Review:
        """Build and run a series, after each patch or only after the last.

        With all patches it is judged by ``dialect`` if that is given, before by what probing finds.
        """
        base = self.base_stage
        shop = Workshop(self.base, self.place / f"{label}.work", self.sandbox, self.lock)
        stages = []
        for step in _steps(label, series, applied, each=each):
            prefix, building = self._built(step, shop, series, applied.repository)
            demanded = dialect if step.name == label else None
            stages.append(self._run(step.name, step.patch.place, prefix, building, demanded))
        own = own_tests(series.patches)
        return Review(label, series, base, tuple(stages), own, applied.notes, bool(self.sandbox.program))

    @cached_property
    def base_stage(self) -> ReviewStage:
        """Return the base's run: what is kept, if it was the same cases, else a new one."""
        name = self.base.source.name if self.base.source.is_dir() else self.base.name
        label = f"base-{name}"
        wanted = "\n".join([self.base.key, *self.selection, _state_of_judges()])
        kept = self.out / label
        try:
            known = (kept / "selection").read_text() == wanted and load(kept)
        except (OSError, NoRun):
            known = False
        if known and known.is_complete:
            say(f"the base's run is that of {kept}")
            return ReviewStage(name, known, self.base.prefix)
        stage = self._run(label, name, self.base.prefix, 0)
        (kept / "selection").write_text(wanted)
        return stage

    def _built(self, step: Step, shop: Workshop, series: Series, repository: Repository) -> tuple[Path, float]:
        """Return the folder of the programs after a step, and the seconds that building took."""
        so_far = replace(series, patches=tuple(one for one in series.patches if one.number <= step.patch.number))
        key = hashlib.sha256(" ".join([self.base.key, *(one.digest for one in so_far.patches)]).encode()).hexdigest()
        prefix = cache.root() / "builds" / f"review-{step.name}-{key[:12]}"
        if prefix.is_dir():
            say(f"{step.name} is built already")
            return prefix, 0
        say(f"building {step.name}")
        begun = time.monotonic()
        shop.bring()
        log = self.out / f"{step.name}.build.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            shop.compile(repository.place(shop.source, step.commit), log)
        except CannotRun as problem:
            text = f"{shop.folder.stem} after patch {step.patch.place} ({step.patch.title}): {problem}"
            raise CannotRun(running.printable(text)) from None
        installation.install(shop.build, prefix, {"series.json": described(step.name, so_far, self.base.key)})
        return prefix, time.monotonic() - begun

    def _run(self, label: str, name: str, prefix: Path, building: float, dialect: Dialect | None = None) -> ReviewStage:
        say(f"running the suites on {label}")
        begun = time.monotonic()
        results = self.place / f"{label}.results"
        judged = [f"--dialect={dialect}"] if dialect else []
        running.run(prefix, results, [f"--label={label}", *judged, *self.selection], self.sandbox, self.lock)
        running.bring_home(results, self.out / label)
        return ReviewStage(name, self._loaded(label), prefix, building, time.monotonic() - begun)

    def _loaded(self, label: str) -> Run:
        try:
            return load(self.out / label)
        except NoRun as problem:
            raise CannotRun(f"the suites left no readable record, see {self.out / label / 'pytest.txt'}") from problem


def _steps(label: str, series: Series, applied: Applied, *, each: bool) -> list[Step]:
    """Return what is built: the whole series last, even where it changes nothing that is built."""
    changing = applied.steps or ((series.patches[-1], applied.repository.head()),)
    before = [Step(f"{label}-{patch.number}of{patch.total}", patch, commit) for patch, commit in changing[:-1]]
    patch, commit = changing[-1]
    return [*(before if each else []), Step(label, patch, commit)]


def described(label: str, series: Series, base: str) -> str:
    """Return what ``series.json`` says beside the bin/ of a series that was built."""
    patches = [
        {"name": patch.place, "subject": patch.title, "author": patch.author, "sha256": patch.digest}
        for patch in series.patches
    ]
    about = {"name": label, "version": series.version, "title": series.title, "base": base, "patches": patches}
    return json.dumps(about | {"missing": list(series.missing)}, indent=1) + "\n"


def _state_of_judges() -> str:
    state = hashlib.sha256()
    for top in map(ROOT.joinpath, _JUDGES):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix != ".pyc":
                about = path.stat()
                state.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return state.hexdigest()
