"""The log of the service: on standard error, and small however often the same goes wrong."""

from __future__ import annotations

import logging
import threading
import time

MOST_A_MINUTE = 5
"""Records from one place in the code that are written within a minute."""


class Sparing(logging.Filter):
    """Passes a few records a minute from each place; the next that passes says how many did not."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._places: dict[tuple[str, int], tuple[float, int]] = {}  # -> start of its minute, records since

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        now, place = time.monotonic(), (record.pathname, record.lineno)
        with self._lock:
            start, count = self._places.get(place, (now, 0))
            left_out = 0
            if now - start >= 60:
                start, count, left_out = now, 0, max(0, count - MOST_A_MINUTE)
            self._places[place] = start, count + 1
        if left_out:
            record.msg = f"{record.getMessage()} ({left_out} more of these were left out)"
            record.args = ()
        return count < MOST_A_MINUTE


def log_sparingly() -> None:
    """Write warnings and errors to standard error, through ``Sparing``."""
    handler = logging.StreamHandler()
    handler.addFilter(Sparing())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
