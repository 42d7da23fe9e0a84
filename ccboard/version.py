"""The version, in one place that costs nothing to read: ``importlib.metadata`` takes 15 ms."""

VERSION = "0.1.0"
"""Equal to pyproject.toml's; a test holds that."""
