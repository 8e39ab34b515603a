"""The two sides of a migration."""

from __future__ import annotations

from fixtures.bench import Bench
from fixtures.vocabulary.steps import Listen, SetCapabilities


def prepare(bench: Bench, *capabilities: str) -> None:
    """Turn capabilities on, on both sides, and have the destination listen."""
    given = SetCapabilities(("events", *capabilities))
    bench.do(given)
    bench.destination.do(given, Listen())
