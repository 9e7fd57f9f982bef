"""Worker processes end with the process that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chatrec_env.workers import end_with_parent

PARENT = """
import multiprocessing, os, time

def work(pipe):
    from chatrec_env.workers import end_with_parent
    end_with_parent()
    pipe.send(os.getpid())
    time.sleep(600)

if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    multiprocessing.get_context("spawn").Process(target=work, args=(there,)).start()
    print(here.recv(), flush=True)
    time.sleep(600)
"""


def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """It has no chance to stop its workers then. The end of the output is that of the last process that holds it."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
        try:
            parent.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.kill(worker, signal.SIGTERM)
            pytest.fail("The worker went on for a minute.")


def test_there_must_be_a_parent() -> None:
    with pytest.raises(RuntimeError, match="this one has no parent"):
        end_with_parent()
