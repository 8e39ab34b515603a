"""Programs around the suites: provisioning, the reference builds and what `make` calls."""


class CannotRun(Exception):
    """One sentence for the user: the work cannot start or go on; the program exits with status 2."""
