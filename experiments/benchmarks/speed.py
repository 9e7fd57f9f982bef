"""``chatrec bench``: how fast conversations step, beside Gymnasium's CartPole in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from chatrec_env.errors import ConfigError
from experiments.cli.progress import Meter

CARTPOLE_ENVS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchConfig:
    """Turns per CPU-second of the native vector environment, beside CartPole-v1's with 64 sub-environments.

    The two take turns, round by round, with random legal actions; the median of each is printed, and their
    ratio. The language-model state is on: sentences are encoded before the clock starts, as training does,
    and every turn updates the encoding of both roles. CPU time is the process's, all threads together.

    Attributes:
        conversations: Conversations side by side.
        items: Items of the catalogue; the built-in films are repeated or cut to this number. 0: as they are.
        turns: Turns of all conversations in a round.
        rounds: Rounds.
        encoder: Sentence encoder.
        scenario: Scenario.
        info: "lean" as trainers use it, or "full" with texts and every info key.
        json: Print JSON.
    """

    conversations: int = 1024
    items: int = 1000
    turns: int = 40
    rounds: int = 5
    encoder: str = "minilm"
    scenario: str = "full"
    info: str = "lean"
    json: bool = False

    def __post_init__(self) -> None:
        for name in ("conversations", "turns", "rounds"):
            if getattr(self, name) < 1:
                raise ConfigError(f"--{name} must be at least 1, got {getattr(self, name)}.")


def catalog_of(items: int, folder: str) -> str:
    """The built-in films, cut or repeated (as remakes) to ``items`` rows, as a CSV beside its declaration."""
    import csv
    import shutil
    from importlib.resources import files
    from pathlib import Path

    if items == 0:
        return "movies"
    data = files("chatrec_env.catalog") / "data"
    rows = list(csv.DictReader((data / "movies.csv").read_text(encoding="utf-8").splitlines(keepends=True)))
    place = Path(folder) / f"films-{items}.csv"
    with place.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        for i in range(items):
            again = i // len(rows)
            row = rows[i % len(rows)]
            writer.writerow({**row, "title": row["title"] + f" {again + 1}" * (again > 0)})
    shutil.copy(str(data / "movies.json"), place.with_suffix(".json"))
    return str(place)


def rate(step: Callable[[], None], steps: int, per_step: int) -> float:
    """Steps per CPU-second."""
    began = time.process_time()
    for _ in range(steps):
        step()
    return steps * per_step / (time.process_time() - began)


def chatrec_stepper(config: BenchConfig, catalog: str) -> Callable[[], None]:
    """One step of all conversations, with random legal actions drawn beforehand by rank."""
    from chatrec_env.envs.vector_env import ChatRecVectorEnv

    env = ChatRecVectorEnv(
        config.conversations,
        autoreset_mode="same_step",
        info=config.info,
        catalog=catalog,
        encoder=config.encoder,
        scenario=config.scenario,
    )
    env.task.manager.table.preload()
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    n = env.task.actions.n
    order = rng.random((64, config.conversations, n)).astype(np.float32)
    at = [0]

    def step() -> None:
        at[0] = (at[0] + 1) % len(order)
        env.step(np.where(env.action_masks(), order[at[0]], -1).argmax(1))

    return step


def cartpole_stepper() -> Callable[[], None]:
    """One step of CartPole's own vector environment."""
    import gymnasium as gym

    env = gym.make_vec("CartPole-v1", num_envs=CARTPOLE_ENVS, vectorization_mode="vector_entry_point")
    env.reset(seed=0)
    actions = np.random.default_rng(0).integers(0, 2, (256, CARTPOLE_ENVS))
    at = [0]

    def step() -> None:
        at[0] = (at[0] + 1) % len(actions)
        env.step(actions[at[0]])

    return step


def measure(config: BenchConfig, meter: Meter) -> dict[str, Any]:
    """The figures as plain JSON data."""
    import tempfile

    from threadpoolctl import threadpool_limits

    from chatrec_env.envs.config import EnvConfig
    from experiments.train.preload import read_sentences

    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        catalog = catalog_of(config.items, folder)
        read_sentences(EnvConfig(catalog=catalog, encoder=config.encoder, scenario=config.scenario), meter)
        ours, theirs = chatrec_stepper(config, catalog), cartpole_stepper()
        found: list[tuple[float, float]] = []
        with meter.work("Stepping", config.rounds, "rounds") as work:
            rate(ours, 25, config.conversations), rate(theirs, 500, CARTPOLE_ENVS)
            for _ in range(config.rounds):
                found.append(
                    (rate(ours, config.turns, config.conversations), rate(theirs, 4000, CARTPOLE_ENVS))
                )
                work.add(1)
    return {
        "config": asdict(config),
        "turns_per_cpu_second": statistics.median(a for a, _ in found),
        "cartpole_steps_per_cpu_second": statistics.median(b for _, b in found),
        "ratio": statistics.median(a / b for a, b in found),
        "rounds": [{"turns": a, "cartpole": b} for a, b in found],
    }


def benchmark(config: BenchConfig) -> int:
    """Run the command; returns its exit code."""
    from experiments.cli.terminal import output, print_json

    found = measure(config, Meter())
    if config.json:
        print_json(found)
        return 0
    output().print(
        f"{found['turns_per_cpu_second']:,.0f} turns per CPU-second ({config.conversations:,} conversations, "
        f"{config.items or 'all'} items, encoder {config.encoder}, info {config.info})\n"
        f"{found['cartpole_steps_per_cpu_second']:,.0f} steps per CPU-second of CartPole-v1 "
        f"({CARTPOLE_ENVS} sub-environments)\nratio {found['ratio']:.3f} (median of {config.rounds} rounds)"
    )
    return 0
