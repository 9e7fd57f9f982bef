"""Whether the service can keep what people say: looked at apart from all other work, and answered at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from agents.serving.errors import ServiceError, StoreUnavailableError
from agents.serving.kept_sessions import kept
from agents.serving.store import Store

FRESH = 1.0
"""Seconds for which what was found holds."""

STALE = 10.0
"""Seconds after which a look that has not come back is bad news by itself."""

PATIENCE = 0.02
"""Seconds to wait for a look before answering by the one before."""

THOROUGH = 30.0
"""Seconds between looks for damage."""


class Health:
    """Looks at the store on a thread of its own, when it is asked or nobody asks for long, at most once a second.

    Args:
        store: What is looked at.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chatrec-health")
        self._look: Future[ServiceError | None] | None = None
        self._found: ServiceError | None = None
        self._at = self._begun = self._thorough = float("-inf")

    async def check(self) -> None:
        """Raise what is wrong, if anything is.

        Raises:
            StoreUnavailableError: If the store cannot be read, or does not answer.
        """
        now = time.monotonic()
        if self._look is None and now - self._at >= FRESH:
            self._look, self._begun = self._thread.submit(self._now), now
        if self._look is not None:
            first = self._at == float("-inf")
            await asyncio.wait({asyncio.wrap_future(self._look)}, timeout=STALE if first else PATIENCE)
            if self._look is not None and self._look.done():  # somebody else may have taken it by now
                self._found, self._at, self._look = self._look.result(), time.monotonic(), None
        if self._look is not None and time.monotonic() - self._begun >= STALE:
            raise StoreUnavailableError(f"The store has not answered for more than {STALE:g} seconds.")
        if self._found is not None:
            raise self._found

    @contextlib.asynccontextmanager
    async def watched(self, _app: Any = None) -> AsyncIterator[None]:
        """Look for damage while the block runs, also if nobody asks: what is found then, every request is told."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(THOROUGH)
            with contextlib.suppress(ServiceError):
                await self.check()

    def _now(self) -> ServiceError | None:
        thoroughly = time.monotonic() - self._thorough >= THOROUGH
        try:
            with kept():
                self._store.ping(thoroughly=thoroughly)
        except ServiceError as error:
            return error
        if thoroughly:
            self._thorough = time.monotonic()
        return None

    def close(self) -> None:
        """Look no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
