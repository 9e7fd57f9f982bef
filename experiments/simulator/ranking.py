"""``chatrec rank-systems``: how several simulators rank the same systems, and on which of them they disagree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import tyro

from agents import registry
from chatrec_env.errors import ConfigError
from experiments.cli.options import EnvOptions, OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import Contender, check_same_people, find_policies, task_of
from experiments.evaluate.rollout import Episodes, meet_people, people_seeds, read_sentences
from experiments.evaluate.stats import LEVEL, holm, mean_interval, paired_p, sampled_interval, share_interval
from experiments.report.documents import FORMAT
from experiments.report.runlog import check_free
from experiments.report.study import keep_table, show
from experiments.report.tracking import NONE, Track, check_kept
from experiments.simulator.agreement import DRAWS, spearman
from experiments.simulator.playing import together
from experiments.simulator.ranking_page import grids, sheet_of
from experiments.simulator.variants import labels_of, people_of
from simulators.fidelity import resamples

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class RankConfig(EnvOptions):
    """Rank the same systems with several user simulators, and say how far the rankings agree.

    A simulator is a change to the people: `scenario=noisy`, `talk=crs`, `noise=0.5` (0: what people say and rate can
    be relied on, 1: as little as in `noisy`), `users=llm` (a language model words what they say: slow), or JSON for a
    scenario or users of your own. In every simulator each system meets the same people. Agreement is Spearman's rank
    correlation of two rankings, with a bootstrap interval over people. Two simulators *disagree* on a pair of systems
    where each of them prefers another one with p below 0.05 (paired t tests, corrected by Holm for all pairs and
    simulators).

    Whether a simulator can tell good from bad shows in the last columns: how many people leave unhappy with its best
    and with its worst system.

    Attributes:
        policies: Run folders, policy folders, or names of heuristics; at least three in all.
        simulators: Changes to the people, each NAME=VALUE; NAME is one of scenario, talk, users, rating_history,
            noise.
        people: How many people each system meets in each simulator.
        seed: Which people; also of the bootstrap.
        out: Also write a run folder with the tables, the pictures and a page here.
        track: Where numbers go besides the run folder; needs --out.
        json: Print the tables as JSON.
    """

    policies: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")] = tuple(
        registry.names(registry.BASELINE, actions="items")
    )
    simulators: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE")] = (
        "scenario=full",
        "scenario=null",
        "scenario=patience",
        "scenario=noisy",
        "talk=crs",
        "talk=chat",
    )
    people: int = 1000
    seed: int = 0
    encoder: str = "hash"
    out: OptionalPath = None
    track: Track = NONE
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, people=2, seed=0)
        check_kept(self.track, self.out)
        if len(set(self.simulators)) < max(2, len(self.simulators)):
            raise ConfigError(f"Name at least two simulators, each once; got {list(self.simulators)}.")


def correlations(returns: Float, seed: int) -> list[list[dict[str, Any] | None]]:
    """Spearman's correlation of every two simulators' rankings, with an interval over people.

    Args:
        returns: (simulators, systems, people).
        seed: Of the bootstrap; the same resample of people for all.

    Returns:
        A row for each simulator; None on the diagonal.
    """
    n, people = len(returns), returns.shape[2]
    weights = resamples(people, DRAWS, seed) / people
    means = [weights @ own.T for own in returns]
    out: list[list[dict[str, Any] | None]] = [[None] * n for _ in range(n)]
    for i, j in combinations(range(n), 2):
        rho = spearman(means[i], means[j])
        out[i][j] = out[j][i] = sampled_interval(rho[0], rho[1:], people).to_dict()
    return out


def disagreements(returns: Float, simulators: list[str], systems: list[str]) -> list[dict[str, Any]]:
    """Pairs of systems of which one simulator clearly prefers one, and another simulator the other.

    Args:
        returns: (simulators, systems, people).
        simulators: Their names.
        systems: Their names.
    """
    pairs = list(combinations(range(len(systems)), 2))
    tests = [(s, a, b) for s in range(len(simulators)) for a, b in pairs]
    p = holm([paired_p(returns[s, a], returns[s, b]) for s, a, b in tests])
    sure: dict[tuple[int, int], dict[bool, list[str]]] = {}
    for (s, a, b), value in zip(tests, p, strict=True):
        if value < 1 - LEVEL:
            first = bool(returns[s, a].mean() > returns[s, b].mean())
            sure.setdefault((a, b), {}).setdefault(first, []).append(simulators[s])
    return [
        {"systems": [systems[a], systems[b]], "first": by[True], "second": by[False]}
        for (a, b), by in sure.items()
        if len(by) == 2
    ]


def make_document(
    systems: list[Contender], simulators: list[str], found: list[list[Episodes]], seed: int, **told: Any
) -> dict[str, Any]:
    """The tables as plain JSON data; ``found[s][c]`` is what system c got in simulator s."""
    returns = np.stack([np.stack([episodes.ret for episodes in own]) for own in found])
    means, names = returns.mean(2), [c.name for c in systems]
    ranks = (-means).argsort(1, kind="stable").argsort(1, kind="stable") + 1
    order = np.argsort(ranks.mean(0), kind="stable")
    rows = [
        {
            "policy": names[c],
            "learned": systems[c].learned,
            "returns": {s: mean_interval(returns[i, c]).to_dict() for i, s in enumerate(simulators)},
            "ranks": {s: int(ranks[i, c]) for i, s in enumerate(simulators)},
        }
        for c in order
    ]
    unhappy = {}
    for i, simulator in enumerate(simulators):
        best, worst = int(means[i].argmax()), int(means[i].argmin())
        unhappy[simulator] = {
            "best": {"policy": names[best], **share_interval(found[i][best].left_unhappy).to_dict()},
            "worst": {"policy": names[worst], **share_interval(found[i][worst].left_unhappy).to_dict()},
        }
    return {
        "format": FORMAT,
        **told,
        "seed": seed,
        "people": returns.shape[2],
        "simulators": simulators,
        "spearman": correlations(returns, seed),
        "disagreements": disagreements(returns, simulators, names),
        "left_unhappy": unhappy,
        "rows": rows,
    }


def rank_systems(config: RankConfig) -> int:
    """Run the command; returns its exit code."""
    if config.out is not None:
        check_free(config.out)
    systems = find_policies(config.policies, config.config())
    if len(systems) < 3:
        raise ConfigError(f"A ranking needs at least three systems, got {len(systems)}. Name more of them.")
    check_same_people(systems)
    named, meter = labels_of(config.simulators), Meter()
    played = {s: [replace(c, env=people_of(c.env, told)) for c in systems] for s, told in named.items()}
    seeds, found = people_seeds("eval", config.seed, config.people), []
    for simulator, own in played.items():
        read_sentences(own[0].env, meter, f"{simulator}: ")
        told = [f"{simulator}: {c.name} meets {len(seeds):,} people" for c in own]
        tasks = [task_of(c) for c in own]
        found.append(
            [
                meet_people(task, c.policy, seeds, meter, label, size=together(task))
                for task, c, label in zip(tasks, own, told, strict=True)
            ]
        )
    about = {"catalog": systems[0].env.catalog, "max_turns": systems[0].env.max_turns}
    document = make_document(systems, list(named), found, config.seed, people_of=named, **about)
    if config.out is not None:
        options = {
            "policies": list(config.policies),
            "simulators": list(config.simulators),
            "people": config.people,
            **about,
        }
        users = [task_of(own[0]).users for own in played.values()]
        seed = {"eval": config.seed}
        keep_table(
            config.out, "rank-systems", options, seed, document, users, sheet_of(document), config.track
        )
    show(document, grids(document).values(), json=config.json)
    return 0
