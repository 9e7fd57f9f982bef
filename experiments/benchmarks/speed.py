"""``chatrec bench``: how fast conversations step, beside Gymnasium's CartPole and a bare compiled loop."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from chatrec_env.errors import ConfigError
from experiments.cli.options import check_least
from experiments.cli.progress import Meter
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid
from experiments.report.study import show

WARM_UP = 30
"""Turns before anything is measured: more than a conversation has, so that all its turns are met."""

Stepper = Callable[[int], None]
"""Takes so many steps of all conversations."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchConfig:
    """Turns per CPU-second for one conversation alone and for several side by side.

    Beside each figure stand CartPole-v1 with as many sub-environments, and a floor: a bare compiled loop that does, for
    each turn, the least that a turn has to do. It scores every item against one wish vector, picks the best candidates
    and writes one observation row. Its wish vectors are those of conversations of this environment, as they stand after
    30 turns of random actions, and each comes with 16 content factors; so on average it has as many nonzero wishes and
    factors as our turns have.

    The three take turns, round by round; the medians are printed. Actions are random and legal, resets are included,
    and CPU time is the process's, with one thread. The language-model state is on: sentences are encoded before the
    clock starts, as training does, and every turn updates the encoding of both roles. One conversation is the single
    environment (CartPole: the single one too), several are the native vector environment.

    Attributes:
        n: Numbers of conversations side by side.
        items: Items of the catalogue; the built-in films are repeated or cut to this number. 0: as they are.
        encoder: Sentence encoder.
        scenario: Scenario.
        quick: Measure once and shortly: a first impression in seconds.
        json: Print JSON.
    """

    n: tuple[int, ...] = (1, 64, 1024, 4096)
    items: int = 1000
    encoder: str = "minilm"
    scenario: str = "full"
    quick: bool = False
    json: bool = False

    def __post_init__(self) -> None:
        if not self.n or min(self.n) < 1:
            raise ConfigError(f"--n expects numbers of 1 or more, got {list(self.n)}.")
        check_least(self, items=0)

    @property
    def rounds(self) -> int:
        """How often each is measured."""
        return 1 if self.quick else 7

    @property
    def seconds(self) -> float:
        """How long each time, about."""
        return 0.05 if self.quick else 0.5

    def env(self, catalog: str) -> dict[str, Any]:
        """Keywords of the environment."""
        return {"catalog": catalog, "encoder": self.encoder, "scenario": self.scenario}


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


def one_conversation(keywords: dict[str, Any]) -> Stepper:
    """Steps of the single environment, reset when its conversation is over."""
    from chatrec_env.envs.env import ChatRecEnv
    from chatrec_env.envs.first_start import compile_first

    compile_first()
    env = ChatRecEnv(info="lean", **keywords)
    env.task.manager.table.preload()
    env.reset(seed=0)
    uniforms = np.random.default_rng(0).random(4096).tolist()

    def step(steps: int) -> None:
        for i in range(steps):
            (legal,) = env.action_masks().nonzero()
            _, _, terminated, truncated, _ = env.step(legal[int(uniforms[i % 4096] * len(legal))])
            if terminated or truncated:
                env.reset()

    return step


def several_conversations(n: int, keywords: dict[str, Any]) -> Stepper:
    """Steps of the native vector environment, with random legal actions chosen by rank."""
    from chatrec_env.envs.vector_env import ChatRecVectorEnv

    env = ChatRecVectorEnv(n, autoreset_mode="same_step", info="lean", **keywords)
    env.task.manager.table.preload()
    env.reset(seed=0)
    order = np.random.default_rng(0).random((64, n, env.task.actions.n)).astype(np.float32)

    def step(steps: int) -> None:
        for i in range(steps):
            env.step(np.where(env.action_masks(), order[i % 64], -1).argmax(1))

    return step


def cartpole(n: int) -> Stepper:
    """Steps of CartPole: alone, or its own vector environment."""
    import gymnasium as gym

    actions = np.random.default_rng(0).integers(0, 2, (256, n))
    if n > 1:
        envs = gym.make_vec("CartPole-v1", num_envs=n, vectorization_mode="vector_entry_point")
        envs.reset(seed=0)

        def together(steps: int) -> None:
            for i in range(steps):
                envs.step(actions[i % 256])

        return together
    env, chosen = gym.make("CartPole-v1").unwrapped, actions[:, 0].tolist()
    env.reset(seed=0)

    def alone(steps: int) -> None:
        for i in range(steps):
            if env.step(chosen[i % 256])[2]:
                env.reset()

    return alone


def floor(n: int, keywords: dict[str, Any]) -> tuple[Stepper, dict[str, float]]:
    """Steps of the bare loop for ``n`` conversations; and how much work one of them is."""
    from chatrec_env.envs.vector_env import ChatRecVectorEnv
    from experiments.benchmarks.floor import Work, bare_turns

    env = ChatRecVectorEnv(max(n, 256), autoreset_mode="same_step", info="lean", **keywords)
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(WARM_UP):
        observations, *_ = env.step(
            np.where(env.action_masks(), rng.random(env.action_masks().shape), -1).argmax(1)
        )
    catalog, wishes = env.task.manager.catalog, env.state.dialogue.wishes
    order = np.argsort(wishes == 0, axis=1, kind="stable")[:, : np.count_nonzero(wishes, axis=1).max()]
    work = Work(
        values=np.ascontiguousarray(catalog.weighted_values.T, np.float32),
        factors=np.ascontiguousarray(catalog.factors.T, np.float32),
        wished=order.astype(np.int32),
        strength=np.take_along_axis(wishes, order, axis=1).astype(np.float32),
        taste=rng.normal(size=(len(wishes), catalog.factors.shape[1])).astype(np.float32),
        known=np.asarray(observations[:n], np.float32),
        rows=np.empty_like(observations[:n], np.float32),
    )
    about = {
        "items": catalog.n_items,
        "candidates": env.config.n_candidates,
        "columns": work.rows.shape[1],
        "wishes": float(np.count_nonzero(wishes, axis=1).mean()),
    }
    return lambda steps: bare_turns(work, env.config.n_candidates, steps * n), about


def rate(step: Stepper, steps: int, n: int) -> float:
    """Turns of all conversations per CPU-second."""
    began = time.process_time()
    step(steps)
    return steps * n / max(time.process_time() - began, 1e-9)


def measure_at(n: int, config: BenchConfig, catalog: str, meter: Meter) -> dict[str, Any]:
    """The figures of ``n`` conversations side by side, as plain JSON data."""
    keywords = config.env(catalog)
    ours = one_conversation(keywords) if n == 1 else several_conversations(n, keywords)
    bare, about = floor(n, keywords)
    steppers = {"turns": ours, "floor": bare, "cartpole": cartpole(n)}
    steps = {}
    for name, stepper in steppers.items():
        stepper(WARM_UP)
        first = rate(stepper, 10, n)
        steps[name] = max(1, round(config.seconds * first / n))
    rounds = []
    with meter.work(f"Stepping {n:,}", config.rounds, "rounds") as work:
        for _ in range(config.rounds):
            rounds.append({name: rate(stepper, steps[name], n) for name, stepper in steppers.items()})
            work.add(1)
    turns, bottom, steps_ = (statistics.median(one[name] for one in rounds) for name in steppers)
    return {
        "n": n,
        "turns_per_cpu_second": turns,
        "microseconds_a_turn": 1e6 / turns,
        "floor_turns_per_cpu_second": bottom,
        "share_of_floor": statistics.median(one["turns"] / one["floor"] for one in rounds),
        "cartpole_steps_per_cpu_second": steps_,
        "ratio": statistics.median(one["turns"] / one["cartpole"] for one in rounds),
        "floor": about,
        "rounds": rounds,
    }


def grid_of(document: dict[str, Any]) -> Grid:
    """The figures for people."""
    config, about = document["config"], document["rows"][0]["floor"]
    out = Grid(
        (
            "N",
            "turns/CPU-s",
            "µs a turn",
            "floor turns/CPU-s",
            "share of floor",
            "CartPole steps/CPU-s",
            "ratio",
        ),
        title=f"{about['items']:,} items, encoder {config['encoder']}, scenario {config['scenario']}",
        caption=f"floor: a bare compiled loop that scores the items against {about['wishes']:.1f} wishes (on average) "
        f"and 16 factors, picks the best {about['candidates']} and writes {about['columns']} columns. ratio: to "
        "CartPole at the same N.",
    )
    for row in document["rows"]:
        out.add(
            f"{row['n']:,}",
            f"{row['turns_per_cpu_second']:,.0f}",
            f"{row['microseconds_a_turn']:.1f}",
            f"{row['floor_turns_per_cpu_second']:,.0f}",
            f"{row['share_of_floor']:.3f}",
            f"{row['cartpole_steps_per_cpu_second']:,.0f}",
            f"{row['ratio']:.3f}",
        )
    return out


def benchmark(config: BenchConfig) -> int:
    """Run the command; returns its exit code."""
    import tempfile

    from threadpoolctl import threadpool_limits

    from chatrec_env.envs.config import EnvConfig
    from experiments.evaluate.rollout import read_sentences

    meter = Meter()
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        catalog = catalog_of(config.items, folder)
        read_sentences(EnvConfig.create(config.env(catalog)), meter)
        rows = [measure_at(n, config, catalog, meter) for n in config.n]
    document = {"format": FORMAT, "config": asdict(config), "rows": rows}
    show(document, [grid_of(document)], json=config.json)
    return 0
