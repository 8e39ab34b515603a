"""Runs one of the programs for the link tools/NAME: NAME comes first, then its arguments."""

import signal
import sys

from tools.entry_point import start

signal.signal(signal.SIGTERM, signal.default_int_handler)
sys.exit(start(*sys.argv[1:]))
