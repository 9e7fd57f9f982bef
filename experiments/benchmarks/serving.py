"""The service under load and under kill -9: how long people wait, and whether anything is lost or counted twice.

    python -m experiments.benchmarks.serving load --folder exported/ppo --people 50 --seconds 60
    python -m experiments.benchmarks.serving kill --folder exported/ppo --rounds 100

``load``: people with a second to think say sentences never said before; beside them health is asked for, and before
them the same people ask for a page that does not exist, which is what answering at all costs. ``kill``: people talk,
click and rate, by two processes on one store; again and again one of the two is killed. Requests that got no answer
are sent again with the same Idempotency-Key, to the other process. In the end, or at Ctrl-C, the store is compared with
what people were told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CoroutineType
from typing import Any

from experiments.benchmarks.service_process import Client, Process, cpu_seconds, patiently, sentence
from experiments.cli.progress import Meter


def percentile(values: list[float], share: float) -> float:
    """By rank; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def load(folder: Path, people: int = 50, seconds: float = 60.0, think: float = 1.0) -> dict[str, Any]:
    """Run the load; see the module.

    Args:
        folder: An export.
        people: How many talk at a time.
        seconds: How long, after a quarter as long in which nothing is measured.
        think: Mean seconds between an answer and the next message.

    Returns:
        Milliseconds by what was asked: median, 95th and 99th percentile, the longest; and counts.
    """
    taken: dict[str, list[float]] = {"nothing": [], "message": [], "health": []}
    statuses: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as place:
        service = Process(folder, Path(place) / "s.sqlite", Path(place) / "log")
        try:
            await service.ready()
            begin, used = time.monotonic(), dict[str, float]()
            pages, warm = begin + seconds / 4, begin + seconds / 2
            end = warm + seconds

            async def person(number: int) -> None:
                rng = random.Random(f"{time.time_ns()} {number}")
                await asyncio.sleep(rng.random() * think)
                async with Client(service) as client:
                    name = (await client.ask("POST", "/sessions"))[1]["id"]
                    while (now := time.monotonic()) < end:
                        start = time.perf_counter()
                        if now < pages:
                            await patiently(client, "GET", "/nothing")
                            taken["nothing"].append(time.perf_counter() - start)
                        else:
                            text = {"text": sentence(rng)}
                            status, _ = await patiently(client, "POST", f"/sessions/{name}/messages", text)
                            statuses[status] += 1
                            if now >= warm:
                                taken["message"].append(time.perf_counter() - start)
                        await asyncio.sleep(rng.expovariate(1 / think))

            async def probe() -> None:
                async with Client(service) as client:
                    while (now := time.monotonic()) < end:
                        if now >= warm:
                            used.setdefault("begin", cpu_seconds(service))
                        start = time.perf_counter()
                        status, _ = await patiently(client, "GET", "/healthz")
                        assert status == 200, status
                        if now >= pages:
                            taken["health"].append(time.perf_counter() - start)
                        await asyncio.sleep(0.1)
                used["end"] = cpu_seconds(service)

            await asyncio.gather(probe(), *(person(i) for i in range(people)))
        finally:
            service.kill()
    report: dict[str, Any] = {
        what: {
            "n": len(values),
            **{f"p{int(100 * p)}": round(1000 * percentile(values, p), 1) for p in (0.5, 0.95, 0.99)},
            "max": round(1000 * max(values, default=float("nan")), 1),
        }
        for what, values in taken.items()
    }
    rate = len(taken["message"]) / seconds
    used_up = used["end"] - used["begin"]
    return {
        **report,
        "cpu_ms_a_message": round(1000 * used_up / max(1, len(taken["message"])), 1),
        "messages_a_second": round(rate, 1),
        "statuses": dict(statuses),
        "load_average": os.getloadavg(),
    }


@dataclass(slots=True)
class Talker:
    """Somebody who talks by either of two processes, and remembers what was acknowledged.

    Attributes:
        name: The session.
        told: Kind and idempotency key of each request that was answered, in order.
        again: How many requests were sent more than once.
    """

    services: list[Process]
    number: int
    name: str = ""
    told: list[tuple[str, str]] = field(default_factory=list)
    again: int = 0

    async def post(self, client: dict[int, Client], path: str, body: Any, rng: random.Random) -> Any:
        """Send until there is an answer."""
        key = f"{rng.getrandbits(128):032x}"
        for attempt in range(10_000):
            service = rng.choice(self.services)
            if client.get(service.port) is None:
                client[service.port] = Client(service)
            self.again += attempt == 1
            try:
                status, answer = await client[service.port].ask("POST", path, body, key)
            except ConnectionError:
                await asyncio.sleep(0.05)
                continue
            if status in (429, 503) or (status == 409 and answer["error"]["code"] == "write_conflict"):
                await asyncio.sleep(0.05)
                continue
            assert status in (200, 201), answer
            return answer, key
        raise RuntimeError("No answer came.")

    async def talk(self, end: asyncio.Event) -> None:
        """Talk, click and rate until the end."""
        rng, client = random.Random(f"{time.time_ns()} {self.number}"), dict[int, Client]()
        self.name = (await self.post(client, "/sessions", None, rng))[0]["id"]
        place = f"/sessions/{self.name}"
        while not end.is_set():
            reply, key = await self.post(client, f"{place}/messages", {"text": sentence(rng)}, rng)
            self.told.append(("message", key))
            if reply["cards"]:
                item = rng.choice(reply["cards"])["item"]
                for what, more in (("clicks", {}), ("ratings", {"stars": rng.randint(1, 10) / 2})):
                    _, key = await self.post(client, f"{place}/{what}", {"item": item, **more}, rng)
                    self.told.append((what[:-1], key))
            await asyncio.sleep(rng.random() * 0.2)
        for one in client.values():
            await one.close()


async def kill(folder: Path, rounds: int = 100, people: int = 8, pause: float = 1.0) -> dict[str, Any]:
    """Kill one of two processes again and again; see the module.

    Args:
        folder: An export.
        rounds: How often.
        people: How many talk meanwhile.
        pause: Seconds of talk between a process that is ready again and the next kill.

    Returns:
        Counts: what was acknowledged, and of that lost and doubled.
    """
    from agents.serving.store import Store

    with tempfile.TemporaryDirectory() as place:
        db, log = Path(place) / "s.sqlite", Path(place) / "log"
        services = [Process(folder, db, log)]
        await services[0].ready()
        services.append(Process(folder, db, log))
        end = asyncio.Event()
        try:
            await services[1].ready()
            talkers = [Talker(services, i) for i in range(people)]
            talks = [asyncio.create_task(one.talk(end)) for one in talkers]
            done = 0
            with (
                contextlib.suppress(asyncio.CancelledError),
                Meter().work("Killing", rounds, "kills") as work,
            ):
                while done < rounds:
                    await asyncio.sleep(pause * (0.5 + random.random()))
                    services[done % 2].kill()
                    services[done % 2] = Process(folder, db, log)
                    await services[done % 2].ready()
                    done += 1
                    work.to(done, f"{sum(len(one.told) for one in talkers):,} acknowledged")
            end.set()
            await asyncio.gather(*talks)
        finally:
            for service in services:
                service.kill()
        store = Store(db)
        lost = doubled = unasked = 0
        for one in talkers:
            events = store.events(one.name)
            kept = Counter((e.kind, e.body["key"]) for e in events if "key" in e.body)
            numbers = [e.body["turn"] for e in events if e.kind == "reply"]
            lost += sum(told not in kept for told in one.told)
            doubled += sum(n - 1 for n in kept.values()) + (numbers != list(range(1, len(numbers) + 1)))
            unasked += len(set(kept) - set(one.told))
        sessions = store.counts()["session"]
        store.close()
    return {
        "rounds": done,
        "acknowledged": sum(len(one.told) for one in talkers),
        "lost": lost,
        "doubled": doubled + sessions - people,
        "kept_but_not_acknowledged": unasked,
        "sent_again": sum(one.again for one in talkers),
    }


def named(arguments: Sequence[str] | None = None) -> CoroutineType[Any, Any, dict[str, Any]]:
    """The work that a command line names, not begun; that of the process where none is given."""
    import tyro

    return tyro.extras.subcommand_cli_from_dict({"load": load, "kill": kill}, args=arguments)


def main() -> None:
    """Run what the command line names, and print what came out as JSON."""
    print(json.dumps(asyncio.run(named()), indent=2))


if __name__ == "__main__":
    main()
