"""The demonstration's server has a worker beside it, and neither outlives the other."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.demo import server
from survey.demo.workplace import Workplace

# Each writes what it was started as; the server ends at once, the worker would go on for ever.
PROGRAM = """
import os, sys, time
folder = os.environ["TRYGG_OUTPUT"]
open(f"{folder}/{sys.argv[1]}", "w").write(str(os.getpid()))
while sys.argv[1] == "worker" or not os.path.exists(f"{folder}/worker"):
    time.sleep(0.01)
"""


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_worker_runs_beside_the_server_and_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "TRYGG", (sys.executable, "-c", PROGRAM))
    workplace = Workplace.prepare(tmp_path, True, "http://127.0.0.1:8000")
    server.serve(workplace)
    assert (tmp_path / "serve").exists()
    worker = int((tmp_path / "worker").read_text())
    assert not Path(f"/proc/{worker}").exists()
