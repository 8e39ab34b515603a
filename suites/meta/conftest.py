"""How Hypothesis explores here: the same examples in every run, and nothing left on disk.

The model's disks here have some bytes and segments of less, so that naive models of them stay readable.
"""

from hypothesis import settings

from fixtures.model import world

world.SMALLEST_GRANULARITY = 1

settings.register_profile("meta", derandomize=True, database=None, deadline=None, max_examples=100)
settings.load_profile("meta")
