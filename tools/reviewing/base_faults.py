"""What the base of a series does wrong itself: a failure of the series with the same sign is not the series'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from fixtures.runs import signs
from fixtures.runs.causes import Cause, call_chain, cause_of
from fixtures.runs.comparison.differences import failure
from fixtures.runs.result import Outcome, Result
from fixtures.subject.known_issues import KNOWN_ISSUES


class BaseFaults:
    """The failures of the base's run, known issues included."""

    def __init__(self, results: Iterable[Result]):
        self._passed: set[str] = set()
        self._modules: dict[str, list[Result]] = defaultdict(list)
        self._chains: dict[tuple[str, ...], Result] = {}
        self._causes: dict[Cause, Result] = {}
        for result in results:
            if result.outcome.is_failure or result.outcome is Outcome.KNOWN_FAILURE:
                self._modules[_module(result)].append(result)
                self._chains.setdefault(call_chain(result), result)
                self._causes.setdefault(cause_of(result), result)
            elif result.was_run:
                self._passed.add(result.id)

    def shown_by(self, failed: Result) -> Result | None:
        """Return the base's case that has the sign of a failure, or None.

        It is the same case or, for a base cannot run what uses the feature, another one that shows the same: one of the
        same test, a known issue in the same module, or a crash anywhere that QEMU got to by the same calls. What the
        base passes is not its fault.
        """
        if failed.id in self._passed:
            return None
        alike = (there for there in self._modules.get(_module(failed), ()) if _are_alike(there, failed))
        chain = call_chain(failed)
        return next(alike, None) or (self._chains.get(chain) if chain else None)

    def hint(self, failed: Result) -> Result | None:
        """Return a case of the base in any test that may show the same, which is too little to set a failure aside.

        It shows a known issue of which the failure has the sign, or it has the same cause and the base passes not this.
        """
        wrong = (there for some in self._modules.values() for there in some)
        same = None if failed.id in self._passed else self._causes.get(cause_of(failed))
        return next((one for one in wrong if _has_sign(one, failed)), same)


def _module(result: Result) -> str:
    return result.test.partition("::")[0]


def _are_alike(there: Result, failed: Result) -> bool:
    """Return whether a case of the same module shows the same."""
    if (there.id == failed.id and failure(there) == failure(failed)) or _has_sign(there, failed):
        return True
    how = there.death and there.death.how, failed.death and failed.death.how
    is_same = failed.deviation is not None and there.deviation == failed.deviation and how[0] == how[1]
    return is_same and there.test == failed.test


def _has_sign(there: Result, failed: Result) -> bool:
    """Return whether a failure has a sign of the known issues that a case of the base shows."""
    issues = [issue for issue in KNOWN_ISSUES if issue.id in there.issues]
    return any(signs.shows(issue, failed.deviation, failed.death) for issue in issues if failed.deviation)
