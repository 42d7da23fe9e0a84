"""The words of the board in English and Chinese. Data from outside never passes through here."""

import os
from typing import Final

LANGUAGES: Final = ("en", "zh")


def environment_language() -> str:
    """Return "zh" where the environment asks for Chinese, else "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
