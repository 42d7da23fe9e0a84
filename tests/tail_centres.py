"""The simulated centres of benchmarks/tail_centre.py, for tests."""

import importlib.util
import sys
from pathlib import Path

import numpy as np

from ccboard.tail.table import Sums, collect

_PATH = Path(__file__).parents[1] / "benchmarks/tail_centre.py"
_SPEC = importlib.util.spec_from_file_location("tail_centre", _PATH)
centre = importlib.util.module_from_spec(_SPEC)
sys.modules["tail_centre"] = centre  # its dataclasses look themselves up
_SPEC.loader.exec_module(centre)


def sums(made, figure: str) -> Sums:
    """Return a figure's sums of a centre."""
    value = made.values[figure]
    rows = ~np.isnan(value)
    return collect(tuple(f"agent {i}" for i in range(made.kind.agents)),
                   tuple(f"type {i}" for i in range(made.kind.types)), made.agent[rows], made.day[rows],
                   made.type[rows], np.log(value[rows]) if figure == "aht" else value[rows])


def tables(made) -> dict[str, Sums]:
    """Return the sums of all six figures."""
    return {figure: sums(made, figure) for figure in centre.FIGURES}
