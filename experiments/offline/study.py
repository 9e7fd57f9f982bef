"""``chatrec ope-study``: how far off-policy estimates can be believed, where the truth is known.

The simulator can hold as many conversations as one likes, so the truth of every policy is known, and a log can be drawn
hundreds of times: does a 95% interval hold the truth 95 times in a hundred?
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Policy, conversations, decision
from agents.stochastic import chances_of, draw
from chatrec_env.core.kernel import State, Task
from chatrec_env.envs import IDS
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.cli.options import actions_of, check_least
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import BATCH, meet, people_seeds, policy_draws
from experiments.offline.estimates import diagnostics, estimates, points, samples, watching
from experiments.offline.intervals import RESAMPLES
from experiments.offline.logs import record
from experiments.offline.policies import FAR, NEAR, RANK_LOG, RANKED, named_policy
from experiments.offline.study_page import sheet_of
from experiments.offline.study_tables import pair_table, rank_table, recommended
from experiments.report.documents import FORMAT, jsonable
from experiments.report.study import Part, StudyOptions, chosen, compute_groups, finish, folder_of

Float = npt.NDArray[np.float64]

BLOCK = 10
"""Repetitions of a part."""

RANK_BLOCK = 2
"""The same of rankings, whose logs are longer."""

TRUTH_BLOCK = 20_000
"""Conversations of a part that tells a truth."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeStudyConfig(StudyOptions):
    """Measure how far off-policy estimates can be believed: coverage, bias, errors, ranking, against known truth.

    Logs are drawn many times; each estimator judges another policy from each log, and is held against that policy's
    mean return over very many fresh conversations. Parts are kept in the run folder, so a study that was stopped goes
    on where it was.

    Attributes:
        envs: Environment ids: ChatRec/Strategy-v0, ChatRec/Items-v0.
        people: Conversations of a log.
        repetitions: Logs of each pair.
        rank_people: Conversations of a log that ten policies are ranked from.
        rank_repetitions: Such logs.
        truth_people: Fresh conversations that tell a policy's true value; half of them where it is only ranked.
        max_turns: Turns after which a conversation is cut off; weights multiply turn by turn.
        scenario: Of all conversations.
        seed: Which people.
    """

    envs: tuple[str, ...] = ("ChatRec/Strategy-v0", "ChatRec/Items-v0")
    people: int = 500
    repetitions: int = 200
    rank_people: int = 3000
    rank_repetitions: int = 6
    truth_people: int = 40_000
    max_turns: int = 8
    scenario: str = "full"
    seed: int = 0

    def __post_init__(self) -> None:
        check_least(
            self, people=20, repetitions=2, rank_people=20, rank_repetitions=2, truth_people=100, workers=1
        )
        known = [name for name, actions in IDS.items() if actions in NEAR]
        for name in self.envs:
            if name not in known:
                raise ConfigError(f"--envs takes {', '.join(known)}, got {name}.")

    def env(self, name: str) -> EnvConfig:
        """Where everybody acts; no policy here looks at what an encoder says."""
        keywords = {"actions": actions_of(name), "scenario": self.scenario, "max_turns": self.max_turns}
        return EnvConfig.create({**keywords, "encoder": "none", "observation": "tabular"})


def cases(config: OpeStudyConfig, env: str) -> list[tuple[str, str]]:
    """Pairs of log and policy judged; the last one overlaps badly."""
    return [*NEAR[actions_of(env)], FAR]


def repetitions_of(config: OpeStudyConfig, pair: tuple[str, str]) -> int:
    """Logs of a pair: of the one that overlaps badly a quarter, for there is no coverage to measure."""
    return max(2, config.repetitions // 4) if pair == FAR else config.repetitions


def mean_returns(task: Task, policy: Policy, seeds: list[int], meter: Meter, label: str) -> Float:
    """Returns of one conversation with each person, ``(n,)``, as ``logs.record`` would hold them, logging nothing."""
    out = np.zeros(len(seeds))
    with meter.work(label, len(seeds), "people") as work:
        for start in range(0, len(seeds), BATCH):
            part = seeds[start : start + BATCH]
            own = policy_draws(part, task.manager.max_turns)

            def act(rows: npt.NDArray[np.intp], state: State, own: Float = own) -> npt.NDArray[np.int64]:
                chances = chances_of(policy, decision(task, state))
                return draw(task, chances, own[rows, state.dialogue.turn])

            for rows, _, turn in conversations(task, meet(task, part), act):
                out[start + rows] += turn.reward
            work.add(len(part))
    return out


def truth_job(
    config: OpeStudyConfig, env: str, name: str, start: int, stop: int, meter: Meter
) -> dict[str, Any]:
    """Sums of the returns of a policy with fresh people."""
    where = config.env(env)
    seeds = people_seeds("truth", config.seed, stop)[start:]
    found = mean_returns(
        make_task(where), named_policy(name, where).policy, seeds, meter, f"{env}: truth of {name}"
    )
    return {"n": len(found), "sum": float(found.sum()), "squares": float((found * found).sum())}


def _logged(
    config: OpeStudyConfig,
    env: str,
    log: str,
    judged: Sequence[str],
    start: int,
    stop: int,
    size: int,
    meter: Meter,
) -> Any:
    """Logs of repetitions ``start`` to ``stop`` as samples of the policies judged, and returns, one at a time."""
    where = config.env(env)
    task = make_task(where)
    seeds = people_seeds("log", config.seed, stop * size)[start * size :]
    policies = [named_policy(name, where).policy for name in judged]
    meta = {"catalog": task.manager.catalog.digest}
    logged = named_policy(log, where).policy
    whole = record(task, logged, seeds, meta, meter, f"{env}: log of {log}", watching(policies))
    for i in range(stop - start):
        one = whole.select(np.arange(i * size, (i + 1) * size))
        yield samples(task, one, policies, judged), one.returns


def pair_job(
    config: OpeStudyConfig, env: str, case: int, start: int, stop: int, meter: Meter
) -> dict[str, Any]:
    """Estimates and diagnostics of one pair, repetition by repetition."""
    log, judged = cases(config, env)[case]
    out = []
    for i, (found, _) in enumerate(_logged(config, env, log, [judged], start, stop, config.people, meter)):
        told = estimates(found[0], seed=start + i)
        out.append({"estimates": [one.to_dict() for one in told.values()], **diagnostics(found[0])})
    return {"repetitions": out}


def rank_job(config: OpeStudyConfig, env: str, start: int, stop: int, meter: Meter) -> dict[str, Any]:
    """Point estimates of the ten policies, repetition by repetition, and the mean return that was logged."""
    names, out = RANKED[actions_of(env)], []
    for found, own in _logged(config, env, RANK_LOG, names, start, stop, config.rank_people, meter):
        out.append({"points": [points(one) for one in found], "logged": float(own.mean())})
    return {"repetitions": out}


def parts_of(config: OpeStudyConfig, env: str) -> list[Part]:
    """All parts of an environment: truths, then pairs, then rankings."""
    own = chosen(config, ("max_turns", "scenario", "seed"))
    short, out, before = actions_of(env), list[Part](), config.envs.index(env)
    names = dict.fromkeys([*(name for pair in cases(config, env) for name in pair), *RANKED[short]])
    near = {name for pair in NEAR[short] for name in pair}
    for i, name in enumerate(names):
        people = config.truth_people if name in near else config.truth_people // 2
        for start in range(0, people, TRUTH_BLOCK):
            stop = min(start + TRUTH_BLOCK, people)
            told = {**own, "policy": name, "stop": stop}
            out.append(Part(f"{short}-truth-{i}-{start}", truth_job, (config, env, name, start, stop), told))
    for case, pair in enumerate(cases(config, env)):
        for start in range(0, repetitions_of(config, pair), BLOCK):
            # Pairs of one environment meet the same people, those of another others.
            first = before * config.repetitions + start
            stop = first + min(BLOCK, repetitions_of(config, pair) - start)
            told = {**own, "pair": pair, "people": config.people, "resamples": RESAMPLES, "stop": stop}
            out.append(Part(f"{short}-pair-{case}-{start}", pair_job, (config, env, case, first, stop), told))
    for start in range(0, config.rank_repetitions, RANK_BLOCK):
        first = before * config.rank_repetitions + start
        stop = first + min(RANK_BLOCK, config.rank_repetitions - start)
        told = {**own, "log": RANK_LOG, "policies": RANKED[short], "people": config.rank_people, "stop": stop}
        out.append(Part(f"{short}-rank-{start}", rank_job, (config, env, first, stop), told))
    return out


def truths(
    config: OpeStudyConfig, env: str, found: dict[str, dict[str, Any]]
) -> dict[str, tuple[float, float]]:
    """Mean return and its standard error of each policy, from the parts found."""
    out: dict[str, list[dict[str, Any]]] = {}
    for part in parts_of(config, env):
        if part.job is truth_job:
            out.setdefault(part.signature["policy"], []).append(found[part.name])
    told = {}
    for name, parts in out.items():
        n, total, squares = (sum(p[key] for p in parts) for key in ("n", "sum", "squares"))
        mean = total / n
        told[name] = mean, math.sqrt(max(squares / n - mean * mean, 0.0) / n)
    return told


def document_of(config: OpeStudyConfig, found: dict[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """What the study found, as plain JSON data.

    Args:
        config: The options.
        found: Parts by environment and name.
    """
    tables = list[dict[str, Any]]()
    for env, parts in found.items():
        short = actions_of(env)
        told = truths(config, env, parts)
        value = {name: mean for name, (mean, _) in told.items()}
        pairs = [
            pair_table(
                *pair, value, _joined(repetitions_of(config, pair), BLOCK, parts, f"{short}-pair-{case}")
            )
            for case, pair in enumerate(cases(config, env))
        ]
        ranks = rank_table(
            list(RANKED[short]), value, _joined(config.rank_repetitions, RANK_BLOCK, parts, f"{short}-rank")
        )
        tables.append(
            {
                "env": env,
                "truths": {name: {"mean": mean, "error": error} for name, (mean, error) in told.items()},
                "pairs": pairs,
                "recommended": recommended(pairs[:-1]),
                "ranking": ranks,
            }
        )
    near: list[dict[str, Any]] = [pair for table in tables for pair in table["pairs"][:-1]]
    return {
        "format": FORMAT,
        "config": jsonable(asdict(config)),
        "tables": tables,
        "recommended": recommended(near),
        "rank_log": RANK_LOG,
    }


def _joined(count: int, block: int, parts: dict[str, dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for start in range(0, count, block) for one in parts[f"{name}-{start}"]["repetitions"]]


def ope_study(config: OpeStudyConfig) -> int:
    """Run the command; returns its exit code."""
    folder = folder_of(config, "ope-study")
    groups = {env: parts_of(config, env) for env in config.envs}
    lists = compute_groups(groups, folder, config.where, Meter())
    found = {
        env: {part.name: one for part, one in zip(groups[env], told, strict=True)}
        for env, told in lists.items()
    }
    document = document_of(config, found)
    return finish(config, folder, document, sheet_of(document))
