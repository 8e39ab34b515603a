"""Command-line programs, most of them called by make."""
