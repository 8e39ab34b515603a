"""The programs of this project: a module each, whose ``main`` takes the arguments and returns the exit status."""
