"""The command `runen`."""

from .main import app, main

__all__ = ["app", "main"]
