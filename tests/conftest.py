"""What all tests share: those marked `asterisk` need a real one and are skipped without it."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded; as ccboard.cli does

import pytest

ASTERISK = ("CCBOARD_TEST_ASTERISK_DIR", "CCBOARD_TEST_ASTERISK_TOOLS")
"""Folder of a running Asterisk (etc/, log/, env), and the folder of the programs that drive it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in ASTERISK if not os.environ.get(name)]
    if missing:
        skip = pytest.mark.skip(reason=f"needs a real Asterisk: {', '.join(missing)} not set")
        for item in items:
            if "asterisk" in item.keywords and item.get_closest_marker("asterisk"):
                item.add_marker(skip)
