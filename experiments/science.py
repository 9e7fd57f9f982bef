"""``chatrec science``: the published comparison, over scenarios, training seeds and unseen people."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.config import EnvConfig
from chatrec_env.errors import ConfigError
from chatrec_env.kernel import State, Task
from experiments.documents import FORMAT, read_document, write_document
from experiments.options import OptionalPath
from experiments.progress import Meter
from experiments.rollout import Episodes, people_seeds, run
from experiments.stats import Interval, mean_interval, paired_interval

if TYPE_CHECKING:
    from agents.ppo import PPOAgent, PPOConfig

HEURISTICS = ("random", "popular", "greedy", "most_informative")
LEARNERS = {"ppo": "items", "q_learning": "strategy", "sarsa": "strategy"}
RESAMPLES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class ScienceConfig:
    """Compare every policy on every scenario: several training seeds, the same unseen people for all.

    Learners are trained once per seed, and each of these policies meets people of its own; heuristics, which
    have nothing to train, meet all of them. The strongest heuristic is tuned on yet other people. Intervals
    are a two-level bootstrap for learners (training seeds, then people), t intervals over people for the
    others. Two more rows: PPO with the conversation block of its state set to zero, and a privileged policy
    that knows each person's utilities and takes the best candidate (not attainable; what myopic perfection
    would give).

    Finished parts are kept in the run folder, so a stopped run goes on where it was.

    Attributes:
        scenarios: Scenarios to compare on.
        seeds: Training seeds.
        people: Unseen people per training seed.
        ppo_turns: Turns PPO trains on.
        null_turns: The same in scenario null, where the best policy is found early.
        tabular_turns: Turns the tabular learners train on.
        encoder: Sentence encoder.
        workers: Processes side by side; each computes with one thread.
        out: Run folder; default: runs/science. Finished parts in it are used again.
        json: Print the tables as JSON.
    """

    scenarios: tuple[str, ...] = ("full", "null")
    seeds: int = 5
    people: int = 5000
    ppo_turns: int = 800_000
    null_turns: int = 300_000
    tabular_turns: int = 400_000
    encoder: str = "minilm"
    workers: int = 2
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        for name in ("seeds", "people", "ppo_turns", "null_turns", "tabular_turns", "workers"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    f"--{name.replace('_', '-')} must be at least 1, got {getattr(self, name)}."
                )


class Ablated:
    """A policy that reads a zero instead of one block of its observation."""

    def __init__(self, policy: Any, block: str) -> None:
        self.policy, self.block, self.name = policy, block, f"{policy.name} without {block}"

    def act(self, decision: Any, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Act on the observation without the block."""
        observation = decision.observation.copy()
        observation[:, decision.task.layout.slices[self.block]] = 0.0
        actions: npt.NDArray[np.int64] = self.policy.act(replace(decision, observation=observation), uniforms)
        return actions


class Privileged:
    """Recommends the candidate of highest true utility: knows what no policy can know."""

    name = "privileged"

    def __init__(self, task: Task) -> None:
        self._task = task

    def act_on(self, state: State) -> npt.NDArray[np.int64]:
        """Actions ``(N,)``, from the whole state."""
        utility = self._task.users.reveal(state.people)["utility"]
        worth = np.take_along_axis(utility, state.dialogue.candidates, axis=1)
        present = self._task.assistant.view(state.dialogue).present
        best: npt.NDArray[np.int64] = (
            np.where(present, worth, -np.inf).argmax(1) + self._task.actions.fallback
        )
        return best


def env_of(config: ScienceConfig, scenario: str, actions: str) -> EnvConfig:
    """The environment a kind of learner acts in."""
    observation = "tabular" if actions == "strategy" else "flat"
    return EnvConfig(actions=actions, scenario=scenario, encoder=config.encoder, observation=observation)


def learner_job(config: ScienceConfig, scenario: str, agent: str, seed: int, folder: str) -> dict[str, Any]:
    """Train one learner with one seed and let it meet its people."""
    import torch

    torch.set_num_threads(1)
    env = env_of(config, scenario, LEARNERS[agent])
    place = Path(folder) / "policies" / scenario / f"{agent}-{seed}"
    policy: Any
    if agent == "ppo":
        from agents.ppo import PPOConfig, train_ppo

        turns = min(config.null_turns, config.ppo_turns) if scenario == "null" else config.ppo_turns
        wanted = PPOConfig(turns=turns, seed=seed)
        policy = finished(place, wanted) or train_ppo(wanted, env, folder=place)
    else:
        from agents.tabular import TabularAgent
        from agents.tabular_config import TabularConfig

        turns = config.tabular_turns
        own = TabularConfig(algorithm=agent, seed=seed, decay_turns=max(1, 3 * turns // 4))
        policy = TabularAgent(own, env).learn(turns)
        policy.save(place)
    found = {agent: meet(env, policy, unseen(config, seed))}
    if agent == "ppo":
        found["ppo without conversation"] = meet(env, Ablated(policy, "conversation"), unseen(config, seed))
    return found


def finished(folder: Path, wanted: PPOConfig) -> PPOAgent | None:
    """The agent in ``folder``, if it was trained to the end as wanted; a comparison with other people uses it again."""
    from agents.checkpoints import load_checkpoint
    from agents.ppo import PPOAgent, turns_done

    if not (folder / "policy.json").exists():
        return None
    checkpoint = load_checkpoint(folder)
    agent = PPOAgent.from_checkpoint(checkpoint)
    return agent if agent.config == wanted and turns_done(checkpoint) >= wanted.turns else None


def heuristic_job(config: ScienceConfig, scenario: str, name: str, folder: str) -> dict[str, Any]:
    """Let one heuristic meet the people; the strongest is tuned first."""
    from agents.baselines import make_baseline, save_baseline
    from chatrec_env.task import make_task
    from experiments.tune import tune

    env = replace(env_of(config, scenario, "items"), observation="tabular")
    if name == "privileged":
        return {name: meet_privileged(config, env)}
    if name == "ask_then_recommend":
        tuned = tune(env)
        save_baseline(Path(folder) / "policies" / scenario / name, tuned.policy, env)
        return {name: {**meet(env, tuned.policy, everybody(config)), "params": tuned.params}}
    make_task(env)
    return {name: meet(env, make_baseline(name, env), everybody(config))}


def unseen(config: ScienceConfig, seed: int) -> list[int]:
    """Environment seeds of the people met after training with ``seed``."""
    return people_seeds("eval", seed, config.people)


def everybody(config: ScienceConfig) -> list[int]:
    """The people of all training seeds, in order."""
    return [person for seed in range(config.seeds) for person in unseen(config, seed)]


def meet(env: EnvConfig, policy: Any, seeds: list[int]) -> dict[str, Any]:
    """One conversation of a policy with each of these people."""
    from chatrec_env.task import make_task

    return summary(run(make_task(env), policy, seeds))


def summary(episodes: Episodes) -> dict[str, Any]:
    """What a table needs of some conversations: every return, means of the rest."""
    return {
        "return": episodes.ret.tolist(),
        "clicks": float(episodes.clicks.mean()),
        "rating": float(np.nanmean(episodes.stars)),
        "questions": float(episodes.questions.mean()),
        "turns": float(episodes.turns.mean()),
        "left_unhappy": float(episodes.left_unhappy.mean()),
    }


def meet_privileged(config: ScienceConfig, env: EnvConfig) -> dict[str, Any]:
    """As ``meet``, for the policy that knows each person's utilities."""
    from chatrec_env.task import make_task

    task = make_task(env)
    return summary(run(task, Privileged(task), everybody(config)))


def science(config: ScienceConfig) -> int:
    """Run the command; returns its exit code."""
    from experiments.terminal import output, print_json, say

    folder = config.out or Path("runs") / "science"
    folder.mkdir(parents=True, exist_ok=True)
    parts = folder / "parts"
    parts.mkdir(exist_ok=True)
    meter = Meter()
    if config.encoder.startswith("minilm"):
        from experiments.preload import read_sentences

        read_sentences(env_of(config, config.scenarios[0], "items"), meter)
    compute(config, folder, parts, meter)
    tables = [make_table(config, scenario, parts) for scenario in config.scenarios]
    write_document(
        folder / "science.json",
        {"format": FORMAT, "config": {**asdict(config), "out": str(folder)}, "tables": tables},
    )
    if config.json:
        print_json({"tables": tables})
    else:
        for table in tables:
            output().print(to_rich(table))
    say(f"Kept in {folder}")
    return 0


def compute(config: ScienceConfig, folder: Path, parts: Path, meter: Meter) -> None:
    """Every part that is not there yet, in worker processes; each is written as soon as it is known."""
    jobs: list[tuple[str, Callable[..., dict[str, Any]], tuple[Any, ...]]] = []
    for scenario in config.scenarios:
        jobs += [
            (f"{scenario}-{agent}-{seed}", learner_job, (config, scenario, agent, seed, str(folder)))
            for agent in LEARNERS
            for seed in range(config.seeds)
        ]
        jobs += [
            (f"{scenario}-{name}", heuristic_job, (config, scenario, name, str(folder)))
            for name in (*HEURISTICS, "ask_then_recommend", "privileged")
        ]
    todo = []
    for name, job, arguments in jobs:
        file = parts / f"{name}.json"
        if not file.exists() or read_document(file).get("signature") != signature(config, name):
            todo.append((name, job, arguments))
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
    context = multiprocessing.get_context("spawn")
    with meter.work("Training and meeting people", len(jobs), "parts") as work:
        work.add(len(jobs) - len(todo))
        with ProcessPoolExecutor(config.workers, mp_context=context) as pool:
            futures = {pool.submit(job, *arguments): name for name, job, arguments in todo}
            try:
                for future in as_completed(futures):
                    name = futures[future]
                    write_document(
                        parts / f"{name}.json",
                        {"format": FORMAT, "signature": signature(config, name), "found": future.result()},
                    )
                    work.add(1, name)
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def signature(config: ScienceConfig, part: str) -> dict[str, Any]:
    """What the numbers of a part depend on."""
    found = {
        k: v
        for k, v in asdict(config).items()
        if k in ("seeds", "people", "ppo_turns", "tabular_turns", "encoder")
    }
    return {**found, "null_turns": config.null_turns} if part.startswith("null-") else found


def make_table(config: ScienceConfig, scenario: str, parts: Path) -> dict[str, Any]:
    """The table of one scenario as plain JSON data, rows by falling return."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(parts.glob(f"{scenario}-*.json")):
        seed = file.stem.rsplit("-", 1)[-1]
        if seed.isdigit() and int(seed) >= config.seeds:
            continue
        for name, numbers in read_document(file)["found"].items():
            found.setdefault(name, []).append(numbers)
    heuristics = [n for n in found if n in (*HEURISTICS, "ask_then_recommend")]
    best = max(heuristics, key=lambda n: float(np.mean(found[n][0]["return"])))
    rows: list[dict[str, Any]] = []
    for name, runs in found.items():
        returns = [np.array(r["return"]) for r in runs]  # one array per policy trained
        pooled = np.concatenate(returns)
        reference = np.array(found[best][0]["return"])
        means = ("clicks", "rating", "questions", "turns", "left_unhappy")
        rows.append(
            {
                "policy": name,
                "seeds": len(runs),
                "return": (
                    two_level(np.stack(returns)) if len(runs) > 1 else mean_interval(pooled)
                ).to_dict(),
                "difference": None
                if name == best
                else paired_interval(pooled, reference[: len(pooled)]).to_dict(),
                "per_seed": [float(r.mean()) for r in returns],
                **{key: float(np.mean([r[key] for r in runs])) for key in means},
            }
        )
    rows.sort(key=lambda r: -r["return"]["mean"])
    return {
        "scenario": scenario,
        "reference": best,
        "people": config.people,
        "encoder": config.encoder,
        "rows": rows,
    }


def two_level(returns: npt.NDArray[np.float64], level: float = 0.95) -> Interval:
    """Mean of ``returns (seeds, people)`` with a percentile bootstrap over seeds and, within, people.

    Both are resampled, since another seed would have trained another policy and other people would have met
    it (two-level resampling; Davison and Hinkley, 1997, section 3.8).
    """
    rng = np.random.default_rng(0)
    n_seeds, n_people = returns.shape
    means = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        chosen = rng.integers(0, n_seeds, n_seeds)
        people = rng.integers(0, n_people, (n_seeds, n_people))
        means[i] = np.take_along_axis(returns[chosen], people, axis=1).mean()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(returns.mean()), float(low), float(high), n_seeds * n_people)


def to_rich(table: dict[str, Any]) -> Any:
    """The table for the terminal."""
    from rich.table import Table

    shown = Table(
        title=f"Scenario {table['scenario']}: {table['people']:,} unseen people per training seed",
        caption=f"[..] 95% intervals; difference to {table['reference']}, person by person",
    )
    for heading in (
        "policy",
        "return",
        "difference",
        "seeds",
        "clicks",
        "rating",
        "questions",
        "turns",
        "unhappy",
    ):
        shown.add_column(heading, justify="left" if heading == "policy" else "right")
    for row in table["rows"]:
        r, d = row["return"], row["difference"]
        shown.add_row(
            row["policy"],
            f"{r['mean']:.2f} [{r['low']:.2f}, {r['high']:.2f}]".replace("[", r"\["),
            "" if d is None else f"{d['mean']:+.2f} ± {(d['high'] - d['low']) / 2:.2f}",
            str(row["seeds"]),
            f"{row['clicks']:.2f}",
            f"{row['rating']:.2f}",
            f"{row['questions']:.2f}",
            f"{row['turns']:.1f}",
            f"{row['left_unhappy']:.0%}",
        )
    return shown
