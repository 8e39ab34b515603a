"""The suites' entry: everything that tests share comes from ``fixtures``."""

pytest_plugins = ["fixtures.plugin"]
