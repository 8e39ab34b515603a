"""How Hypothesis explores here: the same examples in every run, and nothing left on disk."""

from hypothesis import settings

settings.register_profile("meta", derandomize=True, database=None, deadline=None, max_examples=100)
settings.load_profile("meta")
