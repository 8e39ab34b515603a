"""What a fresh machine lacks: Debian packages and the project's virtual environment. Standard library only."""
