"""A store that does not fit into the memory it was given: said, and left exactly as it was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ccboard.errors import StoreError
from ccboard.store.store import Store

VISITS = 20_000

KILLED = f"""
import os, sys
from pathlib import Path
from ccboard.records import Batch, Contact
from ccboard.store.store import Store
made = Store.open(Path(sys.argv[1]))
for start in range(0, {VISITS}, 5000):
    made.apply(Batch("pbx", tuple(
        Contact(source="pbx", call=f"c{{n}}", queue="q", offered_at=n * 10**6, ended_at=n * 10**6,
                outcome="abandoned") for n in range(start, start + 5000))))
os._exit(0)
"""


@pytest.mark.parametrize("limit", ["1MB", "2MB"])
def test_too_little_memory_is_no_damage(tmp_path: Path, limit: str) -> None:
    path = tmp_path / "x.duckdb"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=True, timeout=60, env=dict(os.environ))
    before = sorted(file.name for file in tmp_path.iterdir())
    said: list[str] = []
    with pytest.raises(StoreError, match="memory_limit"):
        Store.open(path, memory_limit=limit, notice=said.append)
    assert said == []
    assert sorted(file.name for file in tmp_path.iterdir()) == before
    with Store.open(path) as made:
        assert made.reader().rows("SELECT count(*) FROM contacts") == [(VISITS,)]
