"""What every worker process of ours does, whoever started it."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.connection import wait


def end_with_parent() -> None:
    """In a worker process, first: see that it ends when the process that started it has ended, even if that was killed.

    A daemon thread called ``chatrec-watch`` waits for that, and ends the worker at once, whatever it is doing.

    Raises:
        RuntimeError: This is no process that ``multiprocessing`` started.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        raise RuntimeError(
            "end_with_parent is for processes that multiprocessing started; this one has no parent."
        )

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="chatrec-watch").start()
