"""The suites' entry: everything that tests share comes from ``fixtures``."""

pytest_plugins = [
    "fixtures.plugin",
    "fixtures.depth",
    "fixtures.quick",
    "fixtures.report",
    "fixtures.progress",
    "fixtures.interruption",
    "fixtures.repro.recorder",
]
