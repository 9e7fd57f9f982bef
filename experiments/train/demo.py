"""``chatrec demo``: from nothing to trained, compared and explained policies, in one go."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from agents import registry
from chatrec_env.envs.config import EnvConfig
from experiments.cli.options import Given, OptionalPath, check_least
from experiments.cli.progress import Meter, duration
from experiments.cli.terminal import INTERRUPTED, clean, output, pasted, print_json, say
from experiments.conversations.tracing import trace
from experiments.evaluate.evaluate import Contender, about, compare, load_contender, meet_people
from experiments.evaluate.rollout import people_seeds, read_sentences
from experiments.evaluate.stats import mean_interval
from experiments.evaluate.tables import Result, grid_of, make_table
from experiments.report.documents import read_document, write_document
from experiments.report.report import write_report
from experiments.report.runlog import TABLE, Run, new_folder
from experiments.train.learning import (
    CURVE_PEOPLE,
    Training,
    begun,
    open_run,
    refuse_changes,
    train_agent,
    usual_settings,
)
from experiments.train.tune import tune

LEARNERS = ("q_learning", "sarsa", "ppo")
"""Who learns in the demo, each where it acts unless told otherwise; the quickest first."""

STEPS = ("read", "tune", *LEARNERS, "evaluate", "report")
PEOPLE = 4_000
"""Unseen people every policy meets: so many tell PPO from the best heuristic, person by person."""

ENOUGH = {"ppo": 100_000}
"""Turns of learners that need fewer than they are usually trained for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoConfig:
    """Train agents on the built-in films, compare them with hand-written policies, and write a report.

    Q-learning and SARSA learn on ChatRec/Strategy-v0, PPO on ChatRec/Items-v0; the strongest heuristic is
    tuned on a grid. Then all meet the same 4,000 unseen people, and a run folder holds the table, learning
    curves, two annotated transcripts and a page (index.html) that shows them. About two and a half minutes.
    Turns are fixed, not time, so the same seed gives the same numbers.

    Ctrl-C stops at once and keeps the finished steps; `--resume RUN` does the others.

    Attributes:
        seed: Seed of everything: agents, people, tuning.
        out: Run folder to make; default: runs/demo, numbered if that exists.
        resume: Run folder to finish.
        fast: Try it out in seconds: hashing encoder, few turns, few people; the numbers mean nothing.
        json: Print the table as JSON.
        given: Names of the options on the command line.
    """

    seed: int = 0
    out: OptionalPath = None
    resume: OptionalPath = None
    fast: bool = False
    json: bool = False
    given: Given = ()

    def __post_init__(self) -> None:
        check_least(self, seed=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """How much of everything; plain JSON data in ``run.json``."""

    encoder: str = "minilm"
    scenario: str = "full"
    people: int = PEOPLE
    curve_people: int = CURVE_PEOPLE
    turns: int = 0  # 0: as many as each learner needs, see ENOUGH
    tune_rounds: tuple[int, ...] = (120, 360, 1080, 2160)
    tune_grid: dict[str, list[float]] | None = None  # None: the whole grid
    seed: int = 0


FAST = Sizes(
    encoder="hash",
    people=40,
    curve_people=20,
    turns=2048,
    tune_rounds=(4, 8),
    tune_grid={"questions": [0, 2], "diversity": [0.0, 1.0]},
)
"""Sizes for trying out and for tests."""


class Demo:
    """The steps of the demo, in a run folder that remembers which are done.

    Args:
        run: The run folder; its config is a ``Sizes``.
        meter: Shows the progress.
    """

    def __init__(self, run: Run, meter: Meter) -> None:
        self.run, self.meter = run, meter
        self.sizes = Sizes(**{**run.config, "tune_rounds": tuple(run.config["tune_rounds"])})
        self.items = EnvConfig(encoder=self.sizes.encoder, scenario=self.sizes.scenario)
        self._results: list[Result] = []

    def label(self, step: str, words: str) -> str:
        """``"[3/7] words"``."""
        return f"[{STEPS.index(step) + 1}/{len(STEPS)}] {words}"

    def go(self) -> None:
        """Do every step that is not done yet."""
        steps: dict[str, Callable[[], None]] = {
            "read": self.read,
            "tune": self.tune,
            **{name: partial(self.learn, name) for name in LEARNERS},
            "evaluate": self.evaluate,
            "report": self.report,
        }
        for name in STEPS:
            # Sentences live in memory, so reading them is done in every process.
            if name == "read" or name not in self.run.finished:
                steps[name]()
                self.run.done(name)
        self.run.mark("finished")

    def read(self) -> None:
        """Encode every sentence once; afterwards the language model is not needed any more."""
        read_sentences(self.items, self.meter, self.label("read", ""))

    def tune(self) -> None:
        """Make the heuristic strong, on people of its own."""
        from agents.baselines import save_baseline

        with self.meter.work(self.label("tune", "Tuning ask-then-recommend"), 1, "conversations") as work:
            s = self.sizes
            small: dict[str, Any] = {}
            if s.tune_grid is not None:
                small = {"grid": s.tune_grid, "refinement": {"refused": [0.0]}}
            tuned = tune(self.items, seed=s.seed, rounds=s.tune_rounds, progress=work.of, **small)
            work.note = ", ".join(f"{k} {v:g}" for k, v in tuned.params.items())
        folder = self.run.policy_folder("ask_then_recommend")
        save_baseline(folder, tuned.policy, self.items)
        self.run.log("tuned", params=tuned.params, best=tuned.rows[:10])
        # What learning curves are compared with: the same people that their points are means of.
        seeds = people_seeds("curve", s.seed, s.curve_people)
        label = self.label("tune", f"It meets the {len(seeds)} people of the learning curves")
        met = meet_people(load_contender(folder), seeds, self.meter, label)
        self.run.log("reference", policy="tuned heuristic", **{"return": mean_interval(met.ret).to_dict()})

    def learn(self, name: str) -> None:
        """Train one agent, going on from its checkpoint if a run was interrupted."""
        agent = registry.AGENTS[name]
        turns = self.sizes.turns or ENOUGH.get(name, agent.turns)
        training = Training(
            agent=name,
            env=replace(self.items, actions=agent.actions[0], observation=agent.observation),
            turns=turns,
            seed=self.sizes.seed,
            settings=usual_settings(name, turns),
            curve_people=self.sizes.curve_people,
        )
        words = self.label(name, f"Training {agent.label} on {agent.actions[0]} actions")
        train_agent(training, self.run, self.meter, label=words, resume=begun(self.run, name))

    def contenders(self) -> list[Contender]:
        """Everybody who is compared: heuristics choose items, learners act where they learned."""
        from agents.baselines import make_baseline

        kept = ("ask_then_recommend", *LEARNERS)
        plain = [name for name in registry.names(registry.BASELINE, actions="items") if name not in kept]
        found = [
            Contender(registry.label(name), make_baseline(name, self.items), self.items, learned=False)
            for name in plain
        ]
        return found + [load_contender(self.run.policy_folder(name)) for name in kept]

    def evaluate(self) -> None:
        """All policies meet the same unseen people."""
        self._results = compare(
            self.contenders(), self.sizes.people, self.sizes.seed, self.meter, self.label("evaluate", "")
        )
        table = make_table(self._results, **about(self.items, self.sizes.seed))
        write_document(self.run.folder / TABLE, table)

    def report(self) -> None:
        """Pictures, transcripts and the page."""
        with self.meter.work(self.label("report", "Drawing curves, writing transcripts and the page")):
            contenders = {c.name: c for c in self.contenders()}
            if not self._results:
                self._results = compare(
                    list(contenders.values()), self.sizes.people, self.sizes.seed, Meter(quiet=True)
                )
            ranked = sorted(self._results, key=lambda r: -float(r.episodes.ret.mean()))
            best = next(r for r in ranked if r.learned)
            heuristic = next(r for r in ranked if not r.learned)
            seed = telling_person(best, heuristic)
            talks = [trace(contenders[r.name], seed) for r in (heuristic, best)]
            write_report(self.run, talks)


def check_kept(run: Run) -> None:
    """See that what a demo has learned is still there, if it is needed.

    Raises:
        ArtifactError: See ``begun``.
    """
    if not set(STEPS) <= set(run.finished):
        for name in LEARNERS:
            begun(run, name)


def telling_person(one: Result, other: Result) -> int:
    """The person at the upper quartile of the difference in return: telling, and not hand-picked."""
    difference = one.episodes.ret - other.episodes.ret
    order = np.argsort(difference, kind="stable")
    return int(one.episodes.seeds[order[3 * len(order) // 4]])


def demo(config: DemoConfig) -> int:
    """Run the command; returns its exit code."""
    started = time.perf_counter()
    if config.resume is not None:
        run = open_run(config.resume, "demo")
        fast = run.config.get("encoder") == FAST.encoder
        values = {"seed": (config.seed, run.seeds.get("all")), "fast": (config.fast, fast)}
        refuse_changes(config, run, {**values, "out": (config.out, run.folder)})
        check_kept(run)
        run.mark("running")
    else:
        sizes = replace(FAST if config.fast else Sizes(), seed=config.seed)
        place = config.out or new_folder(Path("runs"), "demo-fast" if config.fast else "demo")
        run = Run.create(place, kind="demo", config=asdict(sizes), seeds={"all": config.seed})
    say(f"Run folder: [bold]{clean(run.folder)}[/bold]")
    try:
        Demo(run, Meter()).go()
    except KeyboardInterrupt:
        run.mark("interrupted")
        done = ", ".join(run.finished) or "nothing yet"
        say(
            f"\nStopped. Finished and kept in [bold]{clean(run.folder)}[/bold]: {done}.\n"
            f"Go on with: {pasted('demo', '--resume', run.folder)}"
        )
        return INTERRUPTED
    table = read_document(run.folder / TABLE)
    if config.json:
        print_json({"run": run.folder, **table})
    else:
        console = output()
        console.print(grid_of(table))
        page = (run.folder / "index.html").resolve()
        console.print(f"\n[bold]Look at the report:[/bold] {clean(page)}", soft_wrap=True)
        console.print(f"[bold]Talk to the agent:[/bold]  {pasted('chat', run.folder)}", soft_wrap=True)
    say(f"Done in {duration(time.perf_counter() - started)}.")
    return 0
