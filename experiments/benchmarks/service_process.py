"""The service as a process that is asked over HTTP, and things to say to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WORDS = (
    "dark",
    "funny",
    "slow",
    "long",
    "short",
    "tense",
    "sweet",
    "light",
    "clever",
    "strange",
    "old",
    "quiet",
)
KINDS = ("comedy", "thriller", "drama", "western", "romance", "horror film", "war film", "adventure")
CODE = (
    "import sys; from agents.serving import serve; serve(sys.argv[1], port=int(sys.argv[2]), db=sys.argv[3])"
)
START_SECONDS = 180.0


def sentence(rng: random.Random) -> str:
    """A wish that nobody has said before."""
    one, two, kind = rng.choice(WORDS), rng.choice(WORDS), rng.choice(KINDS)
    return f"I would like a {one} and {two} {kind} about {rng.randrange(10**7)} {rng.choice(WORDS)} people."


def cpu_seconds(process: Process) -> float:
    """Processor time a process and those that it started have used; NaN where the system does not tell."""
    total, number = 0, str(process.process.pid)
    try:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            told = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            if number in (stat.parent.name, told[1]):
                total += int(told[11]) + int(told[12])
    except OSError:
        return float("nan")
    return total / os.sysconf("SC_CLK_TCK")


class Process:
    """The service as a process of its own.

    Args:
        folder: The export.
        db: The store.
        log: What it prints.
    """

    def __init__(self, folder: Path, db: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        with log.open("ab") as out:
            command = [sys.executable, "-c", CODE, str(folder), str(self.port), str(db)]
            # Ctrl-C is for the benchmark, which still compares what is kept with what was told.
            self.process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)

    async def ready(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                async with Client(self) as client:
                    if (await client.ask("GET", "/healthz"))[0] == 200:
                        return
            except OSError:
                await asyncio.sleep(0.1)
        raise RuntimeError(f"The service did not start: exit code {self.process.poll()}.")

    def kill(self) -> None:
        """Without a goodbye."""
        self.process.kill()
        self.process.wait()


class Client:
    """One connection to a process that is kept open."""

    def __init__(self, to: Process) -> None:
        self.to = to
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """Status and JSON of an answer.

        Raises:
            OSError: There was none.
        """
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self.to.port)
            reader, writer = self._streams
            data = b"" if body is None else json.dumps(body).encode()
            head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            head += (
                f"Content-Length: {len(data)}\r\n" + (f"Idempotency-Key: {key}\r\n" if key else "") + "\r\n"
            )
            writer.write(head.encode() + data)
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            told = await reader.readexactly(int(headers.get("content-length", 0)))
            if headers.get("connection") == "close":
                await self.close()
            return int(lines[0].split()[1]), json.loads(told or b"null")
        except (OSError, asyncio.IncompleteReadError) as error:
            await self.close()
            raise ConnectionError(str(error)) from error

    async def close(self) -> None:
        """Drop the connection."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def patiently(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Ask, and once more where the connection had been closed while nothing was asked."""
    try:
        return await client.ask(method, path, body)
    except ConnectionError:
        return await client.ask(method, path, body)
