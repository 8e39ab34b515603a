"""The suites' entry: everything that tests share comes from ``fixtures``."""

pytest_plugins = [
    "fixtures.plugin.cases",
    "fixtures.plugin.depth",
    "fixtures.plugin.quick",
    "fixtures.plugin.report",
    "fixtures.plugin.progress",
    "fixtures.plugin.interruption",
    "fixtures.plugin.recorder",
]
