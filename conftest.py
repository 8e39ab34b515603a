"""The suites' entry: everything that tests share comes from ``fixtures``."""

pytest_plugins = [
    "fixtures.plugin",
    "fixtures.depth",
    "fixtures.report",
    "fixtures.progress",
    "fixtures.interruption",
    "fixtures.repro.recorder",
]
