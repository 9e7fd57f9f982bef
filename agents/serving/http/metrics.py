"""Counts of what the service did since it started, in Prometheus' text format."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter

COUNTERS = {
    "chatrec_sessions_total": "Sessions opened.",
    "chatrec_restored_total": "Sessions restored from the store.",
    "chatrec_messages_total": "Messages answered.",
    "chatrec_questions_total": "Replies that asked or confirmed something.",
    "chatrec_suggestions_total": "Replies that suggested something.",
    "chatrec_clicks_total": "Suggestions clicked.",
    "chatrec_ratings_total": "Items rated.",
    "chatrec_rerated_total": "Ratings changed afterwards.",
    "chatrec_corrections_total": "Wishes removed or turned round.",
    "chatrec_forgotten_total": "Sessions deleted.",
    "chatrec_model_restarts_total": "Times the language model's process ended, or gave no answer, and was replaced.",
    "chatrec_model_misses_total": "Calls of the language model answered in the service, its process gone or late.",
    "chatrec_errors_total": "Requests answered with an error, by status.",
}
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds, in seconds, of the turn-time histogram."""


class Metrics:
    """Counters and one histogram; any thread may count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter({name: 0 for name in COUNTERS if name != "chatrec_errors_total"})
        self._errors: Counter[int] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = self._stars = 0.0

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter, named without ``chatrec_`` and ``_total``."""
        with self._lock:
            self._counts[f"chatrec_{name}_total"] += by

    def stars(self, change: float) -> None:
        """Note by how much a rating changed the sum of stars."""
        with self._lock:
            self._stars += change

    def error(self, status: int) -> None:
        """Count an error answer."""
        with self._lock:
            self._errors[status] += 1

    def turn(self, seconds: float) -> None:
        """Note how long a message took, from its arrival to its commit."""
        with self._lock:
            self._buckets[bisect_left(BUCKETS, seconds)] += 1
            self._seconds += seconds

    def text(self, live: int) -> str:
        """Everything, one metric a line."""
        with self._lock:
            lines = []
            for name, about in COUNTERS.items():
                lines += [f"# HELP {name} {about}", f"# TYPE {name} counter"]
                if name == "chatrec_errors_total":
                    lines += [
                        f'{name}{{status="{status}"}} {n}' for status, n in sorted(self._errors.items())
                    ]
                else:
                    lines.append(f"{name} {self._counts[name]}")
            name = "chatrec_live_sessions"
            lines += [f"# HELP {name} Sessions held in memory.", f"# TYPE {name} gauge", f"{name} {live}"]
            name, about = "chatrec_stars", "Sum of the stars of the items rated, as they stand."
            lines += [f"# HELP {name} {about}", f"# TYPE {name} gauge", f"{name} {self._stars:g}"]
            name, total = "chatrec_turn_seconds", 0
            lines += [f"# HELP {name} Time to answer a message, commit included.", f"# TYPE {name} histogram"]
            for bound, n in zip((*(f"{b:g}" for b in BUCKETS), "+Inf"), self._buckets, strict=True):
                total += n
                lines.append(f'{name}_bucket{{le="{bound}"}} {total}')
            lines += [f"{name}_sum {self._seconds:.6f}", f"{name}_count {total}"]
        return "\n".join(lines) + "\n"
