"""Trains, checks and writes the policies that come with the package.

    python -m experiments.train.shipped                 # all of them
    python -m experiments.train.shipped music --check   # only meets people again, and writes the page

Each is trained as ``chatrec train --agent ppo --catalog NAME --encoder none --turns 30000`` does: it decides by
beliefs, history and candidates. So no sentence has to be encoded to train it. It is exported to
``agents/policies/NAME`` for the default encoder, whose columns have weight 0 in it: there it acts the same, and people
are read by the language model. It meets 2,000 unseen people (stream ``"final"``); greedy and the heuristic at its best
settings for the domain meet the same. One that is worse than greedy is an error. The table is written to
``docs/policies.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.base import Decision
from agents.baselines import Greedy
from agents.checkpoints import load_policy, read_header
from agents.export import export_policy
from agents.policies import PLACE, shipped_catalogs
from agents.ppo.agent import PPOAgent
from agents.ppo.warm_start import best_heuristic
from chatrec_env.catalog import BUILT_IN
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import people_seeds, run
from experiments.evaluate.stats import Interval, mean_interval, paired_interval

TURNS = 30_000
"""Turns of PPO after its warm start: few, so that the policies are soon made anew when a table or a column changes."""

CARD, RESULT = "README.md", "result.json"
PAGE = PLACE.parents[1] / "docs" / "policies.md"

PAGE_HEAD = """# Policies that come with the package

After the installation

```sh
chatrec chat                      # films
chatrec serve --catalog music     # or books, shopping, travel, courses
```

work at once: a small trained policy (PPO on the ranker network) for every built-in domain comes with the package. A
policy of one's own (`chatrec train --out runs/mine`) is named in its place: `chatrec chat runs/mine`.

Each was trained with seed 0 as `chatrec train --catalog NAME --encoder none --turns 30000` does. It decides by beliefs,
history and candidates, not by the encoded conversation; what people write is still read by the language model. It met
2,000 unseen people in scenario `full`. *Greedy* and the best heuristic (the best of 24 settings of
`ask_then_recommend`, chosen with 1,000 other people) met the same. Differences are person by person, with 95% intervals
over people. Policies of earlier versions have met these people too, and were replaced where the new one was ahead.

```sh
python -m experiments.train.shipped            # trains, checks and writes all of them, and this page
python -m experiments.train.shipped --check    # lets them meet the people again
```

| domain | turns | PPO | greedy | best heuristic | PPO to greedy | PPO to best heuristic |
|---|---:|---:|---:|---:|---:|---:|
"""


def train(catalog: str, seed: int, turns: int, meter: Meter) -> None:
    """Train on a catalogue and export to the package."""
    config = registry.make_config("ppo", turns=turns, seed=seed, settings={})
    with TemporaryDirectory() as folder, meter.work(f"{catalog}: training", turns, "turns") as work:
        agent: PPOAgent = registry.resolve(registry.AGENTS["ppo"].train)(
            config, unencoded(catalog), callback=lambda record: work.to(min(int(record["turns"]), turns))
        )
        for_encoder(agent, EnvConfig(catalog=catalog)).save(Path(folder))
        export_policy(folder, PLACE / catalog)


def unencoded(catalog: str, observation: str = "flat") -> EnvConfig:
    """Where they are trained and checked: no encoded conversation; people and all other columns are the same."""
    return EnvConfig(catalog=catalog, encoder="none", observation=observation)


def for_encoder(agent: PPOAgent, env: EnvConfig) -> PPOAgent:
    """The same policy for another encoder, whose columns it does not read."""
    from agents.ppo.network import make_network

    network = make_network(make_task(env), **agent.config.network)
    weights = dict(agent.network.state_dict())
    weights["speech.weight"] = network.speech.weight.detach() * 0.0
    network.load_state_dict(weights)
    return PPOAgent(env, agent.config, network, turns=agent.turns)


class Padded:
    """A policy that is shown zeros for the conversation that it does not read."""

    def __init__(self, policy: Any, width: int) -> None:
        self.policy, self.width, self.name = policy, width, policy.name

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """See ``Policy``."""
        read = decision.observation[:, decision.task.layout.slices["conversation"].stop :]
        observation = np.zeros((len(read), self.width), np.float32)
        observation[:, self.width - read.shape[1] :] = read
        actions: npt.NDArray[np.int64] = self.policy.act(replace(decision, observation=observation), uniforms)
        return actions


def check(catalog: str, seed: int, people: int, meter: Meter) -> dict[str, Any]:
    """Let the policy of a catalogue and two heuristics meet the same people.

    Raises:
        ArtifactError: If it is worse than greedy.
    """
    policy = load_policy(PLACE / catalog)
    width = make_task(EnvConfig(catalog=catalog)).layout.width
    plain = make_task(unencoded(catalog, "tabular"))
    seeds = people_seeds("final", seed, people)
    with meter.work(f"{catalog}: meeting people"):
        got = run(make_task(unencoded(catalog)), Padded(policy, width), seeds).ret
        greedy = run(plain, Greedy(), seeds).ret
        heuristic = run(plain, best_heuristic(plain, seed), seeds).ret
    found = {
        "ppo": mean_interval(got),
        "greedy": mean_interval(greedy),
        "heuristic": mean_interval(heuristic),
        "to_greedy": paired_interval(got, greedy),
        "to_heuristic": paired_interval(got, heuristic),
    }
    if found["to_greedy"].mean < 0:
        raise ArtifactError(f"The policy of {catalog} is worse than greedy: {found['to_greedy'].mean:+.3f}.")
    turns = read_header(PLACE / catalog)["meta"]["turns"]
    return {"turns": turns, "seed": seed, **{name: one.to_dict() for name, one in found.items()}}


def told(interval: dict[str, Any], *, sign: bool = False) -> str:
    """An interval in a table of Markdown."""
    one = Interval.from_dict(interval)
    return f"{one.mean:{'+' if sign else ''}.2f} ± {one.half:.2f}"


def row_of(catalog: str, result: dict[str, Any]) -> str:
    """A row of the page's table."""
    plain = [told(result[name]) for name in ("ppo", "greedy", "heuristic")]
    ahead = [told(result[name], sign=True) for name in ("to_greedy", "to_heuristic")]
    turns = f"{result['turns']:,}"
    return f"| {' | '.join([catalog, turns, *plain, *ahead])} |"


def write_page() -> None:
    """Write the page from the results beside the policies."""
    rows = [
        row_of(name, json.loads((PLACE / name / RESULT).read_text(encoding="utf-8")))
        for name in shipped_catalogs()
        if (PLACE / name / RESULT).exists()
    ]
    PAGE.write_text(PAGE_HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def write_card(catalog: str, result: dict[str, Any]) -> None:
    """Write what is to be known of a policy beside it."""
    (PLACE / catalog / RESULT).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    (PLACE / catalog / CARD).write_text(
        f"""# A policy for {catalog}

PPO on the ranker network, {result["turns"]:,} turns, seed {result["seed"]}, scenario `full`; trained with simulated
people only, without the encoded conversation, which it does not read. It decides whether to ask and what to recommend;
it is not made for any use where a bad suggestion does harm.

With {result["ppo"]["n"]:,} unseen simulated people (95% intervals):

- return {told(result["ppo"])}; greedy {told(result["greedy"])}; best heuristic {told(result["heuristic"])};
- person by person {told(result["to_greedy"], sign=True)} to greedy, {told(result["to_heuristic"], sign=True)} to the
  heuristic.

Made by `python -m experiments.train.shipped {catalog}`. Licence: that of the package.
""",
        encoding="utf-8",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("catalogs", nargs="*", default=list(BUILT_IN))
    parser.add_argument("--check", action="store_true", help="train none")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    meter = Meter()
    for catalog in asked.catalogs:
        if not asked.check:
            train(catalog, asked.seed, asked.turns, meter)
        write_card(catalog, check(catalog, asked.seed, asked.people, meter))
        write_page()
    return 0


if __name__ == "__main__":
    sys.exit(main())
