"""How long PPO takes to pass a heuristic: seconds of training until it is surely ahead, seed by seed.

    python -m experiments.train.time_to_pass --seeds 5

trains as ``chatrec train --agent ppo`` does, and after each update lets the policy as it is kept meet the same unseen
people as the heuristic (stream ``"final"``). It has passed when the paired difference is above 0 at 95%. The clocks
stand still while it is looked at. Start-up (imports, catalogue, sentences from the cache) is told apart.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from agents import registry
from agents.baselines import Greedy, make_baseline
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.cli.options import parse_settings
from experiments.cli.progress import Meter
from experiments.cli.terminal import output
from experiments.evaluate.rollout import people_seeds, read_sentences, run
from experiments.evaluate.stats import paired_interval
from experiments.report.grid import Grid, plus_minus

QUIET = Meter(quiet=True)


class PassedError(Exception):
    """Ends a training that need not go on."""


def seconds_to_pass(env: EnvConfig, asked: Any, seed: int) -> dict[str, Any]:
    """Train with a seed until the heuristic is passed, or for ``asked.turns`` turns.

    Returns:
        ``wall`` and ``cpu`` seconds, ``turns``, the last ``difference`` to the heuristic and to ``greedy``, and
        whether it ``passed``.
    """
    tabular = make_task(EnvConfig.create({**env.to_dict(), "observation": "tabular"}))
    people = people_seeds("final", seed, asked.people)
    heuristic = make_baseline("ask_then_recommend", env, **parse_settings(asked.heuristic))
    reference, greedy = (run(tabular, policy, people).ret for policy in (heuristic, Greedy()))
    task, found = make_task(env), dict[str, Any]()
    began = np.array([time.perf_counter(), time.process_time()])

    def look(agent: Any, turns: int) -> None:
        now = np.array([time.perf_counter(), time.process_time()])
        got = run(task, agent, people).ret
        wall, cpu = now - began
        found.update(
            wall=wall,
            cpu=cpu,
            turns=turns,
            difference=paired_interval(got, reference),
            greedy=paired_interval(got, greedy),
            passed=paired_interval(got, reference).low > 0,
        )
        if found["passed"]:
            raise PassedError
        began[:] += [time.perf_counter() - now[0], time.process_time() - now[1]]

    config = registry.make_config("ppo", turns=asked.turns, seed=seed, settings=parse_settings(asked.set))
    with contextlib.suppress(PassedError):
        registry.resolve(registry.AGENTS["ppo"].train)(config, env, look=look)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--turns", type=int, default=200_000, help="give up after so many")
    parser.add_argument("--encoder", default="minilm")
    parser.add_argument("--catalog", default="movies")
    parser.add_argument("--scenario", default="full")
    parser.add_argument("--heuristic", nargs="+", default=["questions=1", "diversity=0.125"])
    parser.add_argument("--set", nargs="+", default=[], help="hyperparameters of PPO")
    asked = parser.parse_args(arguments)
    env = EnvConfig(catalog=asked.catalog, scenario=asked.scenario, encoder=asked.encoder)
    read_sentences(env, QUIET)
    start_up = f"start-up: {time.process_time():.1f} s of CPU"
    out = Grid(
        ("seed", "passed", "wall s", "CPU s", "turns", "to the heuristic", "to greedy"),
        title=f"{asked.catalog}, {asked.scenario}, {asked.encoder}: {asked.people:,} unseen people; {start_up}",
    )
    console = output()
    seconds = []
    for seed in range(asked.seeds):
        found = seconds_to_pass(env, asked, seed)
        seconds.append((found["wall"], found["cpu"]) if found["passed"] else (np.inf, np.inf))
        differences = (plus_minus(found[name], sign=True) for name in ("difference", "greedy"))
        times = (f"{found['wall']:.1f}", f"{found['cpu']:.1f}", f"{found['turns']:,}")
        out.add(seed, "yes" if found["passed"] else "no", *times, *differences)
        console.print(f"seed {seed}: {found['passed']}, {times}, {found['difference'].mean:+.3f}")
    wall, cpu = np.median(seconds, axis=0)
    console.print(out)
    console.print(f"median: {wall:.1f} s wall, {cpu:.1f} s of CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
