"""``chatrec tune``: hyperparameters of a learner, by Optuna; resumable, and trials that do badly stop early."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from agents import registry
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, MissingExtraError
from experiments.cli.options import (
    EnvOptions,
    OptionalPath,
    check_least,
    env_values,
    id_of,
    parse_object,
    parse_settings,
)
from experiments.cli.progress import Meter
from experiments.cli.terminal import INTERRUPTED, clean, output, pasted, print_json, say
from experiments.evaluate.evaluate import Contender, meet_people
from experiments.evaluate.rollout import people_seeds, read_sentences
from experiments.evaluate.stats import mean_interval
from experiments.report.grid import Grid
from experiments.report.publish import Section, Sheet, publish
from experiments.report.runlog import Run, new_folder
from experiments.train.learning import open_run, refuse_changes
from experiments.train.spaces import space_of, usual_values
from experiments.train.train import LEARNERS, home
from experiments.train.tuned import keep_tuned

if TYPE_CHECKING:
    import optuna

JOURNAL, TUNED = "study.journal", "tuned.json"
LOOKS = 4
"""Times a trial is looked at on its way, and may be stopped."""

SETTLED = ("agent", "turns", "people", "seed", "space")
"""Options that make a search this one; they are kept in its run folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TuneConfig(EnvOptions):
    """Search the hyperparameters of a learner with Optuna (TPE, after a trial with the usual ones).

    Every trial trains anew, with a seed of its own, and is worth its mean return with people that are neither trained
    on nor evaluated with, the same in every trial. A trial that is below the median of the others at the same number of
    turns is stopped. The journal and the best settings (tuned.json, by environment id and learner) go into a run
    folder: `chatrec train --tuned FILE` reads the latter. Ctrl-C keeps the finished trials; `--resume RUN` goes on.

    The best of many trials looks better than it is: evaluate a training with the settings on other people.

    Attributes:
        agent: Who learns.
        trials: Trainings in all.
        turns: Conversation turns of each; default: a tenth of what the learner is usually trained for.
        people: People each is evaluated with.
        seed: Of the search and the trainings.
        space: What to search, as JSON: {"gamma": [0.8, 0.9], "learning_rate": {"low": 1e-4, "high": 1e-2, "log": true},
            "batch_size": null}; null takes a hyperparameter out. It changes the learner's own space.
        set: Hyperparameters that are fixed, as name=value.
        into: Write the best settings into this file too, beside those it holds.
        out: Run folder to make; default: runs/tune-AGENT-ENVIRONMENT, numbered if that exists.
        resume: Run folder to go on with; its own options hold, except --trials.
        json: Print the trials as JSON.
    """

    agent: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(LEARNERS) + "}")] = LEARNERS[0]
    env: Annotated[
        str, tyro.conf.arg(help="Environment id; default: the learner's.", help_behavior_hint="")
    ] = ""
    trials: int = 30
    turns: Annotated[int | None, tyro.conf.arg(metavar="INT", help_behavior_hint="")] = None
    people: int = 500
    seed: int = 0
    space: str = "{}"
    set: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE", help_behavior_hint="")] = ()
    into: OptionalPath = None
    out: OptionalPath = None
    resume: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0, trials=1, people=2)
        if self.turns is not None:
            check_least(self, turns=1)
        registry.find(self.agent, registry.LEARNER)


class Search:
    """A search in a run folder.

    Args:
        run: Its config says what is searched; the journal is kept there.
        meter: Shows the progress.
    """

    def __init__(self, run: Run, meter: Meter) -> None:
        self.run, self.meter, told = run, meter, run.config
        self.agent = registry.AGENTS[told["agent"]]
        self.env = EnvConfig.create(told["env"])
        self.turns, self.fixed = int(told["turns"]), dict(told["set"])
        self.space = space_of(self.agent.name, told["space"])
        self.people = people_seeds("tune", int(told["seed"]), int(told["people"]))
        for name in self.fixed:
            self.space.pop(name, None)
        self.study = self._open()

    def _open(self) -> optuna.Study:
        """The study of the journal; trials that were under way when it was stopped have failed."""
        try:
            import optuna
            from optuna.storages.journal import JournalFileBackend
        except ModuleNotFoundError as error:
            raise MissingExtraError("optuna", "tune", "chatrec tune") from error
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        journal = JournalFileBackend(str(self.run.folder / JOURNAL))
        storage = optuna.storages.JournalStorage(journal)
        study = optuna.create_study(
            storage=storage, study_name=self.agent.name, direction="maximize", load_if_exists=True
        )
        for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if not study.trials:
            study.enqueue_trial(usual_values(self.agent.name, self.space, self.turns))
        # Seeded by what is known, so that a search that was stopped draws other settings than it has tried.
        seed = int(self.run.config["seed"]) + len(study.trials)
        study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=8)
        study.pruner = optuna.pruners.MedianPruner(n_startup_trials=4)
        return study

    def done(self) -> int:
        """Trials that came to an end."""
        return sum(trial.state.name in ("COMPLETE", "PRUNED") for trial in self.study.trials)

    def go(self, trials: int) -> None:
        """Hold trials until there were so many."""
        label = f"Tuning {self.agent.label}"
        with self.meter.work(label, trials, "trials") as work:
            work.before = work.completed = min(self.done(), trials)
            while self.done() < trials:
                self.study.optimize(self.objective, n_trials=1)
                best = [t.value or 0.0 for t in self.study.trials if t.state.name == "COMPLETE"]
                work.to(self.done(), f"best return {max(best):.2f}" if best else "")

    def objective(self, trial: optuna.Trial) -> float:
        """Mean return after a training with the settings of a trial."""
        import optuna

        settings = {**self.fixed, **{name: has.suggest(trial, name) for name, has in self.space.items()}}
        seed = int(self.run.config["seed"]) + trial.number
        config = registry.make_config(self.agent.name, turns=self.turns, seed=seed, settings=settings)
        every, looked = max(1, self.turns // LOOKS), 0

        def look(policy: Any, turns: int) -> None:
            nonlocal looked
            if turns // every > looked and turns < self.turns:
                looked = turns // every
                trial.report(self._worth(policy).mean, looked)
                if trial.should_prune():
                    raise optuna.TrialPruned

        policy = registry.resolve(self.agent.train)(config, self.env, look=look)
        found = self._worth(policy)
        trial.set_user_attr("settings", settings)
        trial.set_user_attr("return", found.to_dict())
        return found.mean

    def _worth(self, policy: Any) -> Any:
        contender = Contender(self.agent.label, policy, self.env, learned=True)
        return mean_interval(meet_people(contender, self.people, Meter(quiet=True), "").ret)

    def best(self) -> dict[str, Any] | None:
        """The entry of the best trial; None before one is complete."""
        complete = [t for t in self.study.trials if t.state.name == "COMPLETE"]
        if not complete:
            return None
        best = max(complete, key=lambda t: t.value or 0.0)
        told = {name: self.run.config[name] for name in ("turns", "people", "seed")}
        return {
            "settings": best.user_attrs["settings"],
            "return": best.user_attrs["return"],
            "trial": best.number,
            "trials": self.done(),
            "scenario": self.env.scenario,
            "encoder": self.env.encoder,
            **told,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Trials, the best first."""
        ended = [t for t in self.study.trials if t.state.name in ("COMPLETE", "PRUNED")]
        for trial in sorted(ended, key=lambda t: -(t.value if t.value is not None else -1e9)):
            yield {
                "trial": trial.number,
                "state": trial.state.name.lower(),
                "return": trial.user_attrs.get("return"),
                "settings": trial.params,
            }


def grid_of(rows: list[dict[str, Any]], search: Search) -> Grid:
    """The best trials for people."""
    from experiments.report.grid import plus_minus

    out = Grid(
        ("trial", "return", "settings"),
        title=f"{search.agent.label} in {id_of(search.env)}, {search.turns:,} turns a trial",
        caption=f"95% intervals over {len(search.people):,} people; trial 0 has the usual settings",
        text=(2,),
    )
    for row in rows[:10]:
        told = ", ".join(
            f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in row["settings"].items()
        )
        out.add(row["trial"], "stopped early" if row["return"] is None else plus_minus(row["return"]), told)
    return out


def _environment(config: TuneConfig) -> EnvConfig:
    """The environment that the options name, as the learner reads it."""
    values = {name: getattr(config, name) for name in EnvOptions.__dataclass_fields__}
    options = EnvOptions(**{**values, "env": config.env or home(config.agent)})
    return options.config(observation=registry.AGENTS[config.agent].observation)


def _started(config: TuneConfig) -> Run:
    agent, env = registry.AGENTS[config.agent], _environment(config)
    registry.check_actions(config.agent, env.actions)
    turns, fixed = config.turns or max(1, agent.turns // 10), parse_settings(config.set)
    space = parse_object(config.space, "--space")
    space_of(config.agent, space)
    registry.make_config(config.agent, turns=turns, seed=config.seed, settings=fixed)
    told = {
        "agent": config.agent,
        "env": env.to_dict(),
        "turns": turns,
        "people": config.people,
        "seed": config.seed,
    }
    folder = config.out or new_folder(Path("runs"), f"tune-{config.agent}-{env.actions}")
    seeds = {"tune": config.seed}
    return Run.create(folder, kind="tune", config={**told, "space": space, "set": fixed}, seeds=seeds)


def _resumed(config: TuneConfig, folder: Path) -> Run:
    run = open_run(folder, "tune")
    asked = {"space": parse_object(config.space, "--space"), "set": parse_settings(config.set)}
    pairs = {name: (asked.get(name, getattr(config, name)), run.config[name]) for name in (*SETTLED, "set")}
    # What the other options mean depends on agent and environment.
    env = EnvConfig.create(run.config["env"])
    pairs |= env_values(_environment(replace(config, agent=run.config["agent"], env=id_of(env))), env)
    pairs["env"] = (config.env, id_of(env))
    refuse_changes(
        config, run, {**pairs, "out": (config.out, folder)}, free=("resume", "json", "trials", "into")
    )
    kept = run.status == "running" or (folder / JOURNAL).exists()  # running: killed before its first trial
    if not kept:
        raise ArtifactError(
            f"{folder / JOURNAL} is missing: it holds the trials, and without it the search cannot go on. Put it back, "
            "or start a search of its own without --resume."
        )
    run.mark("running")
    return run


def search(config: TuneConfig) -> int:
    """Run the command; returns its exit code."""
    run = _started(config) if config.resume is None else _resumed(config, config.resume)
    meter, found = Meter(), None
    say(f"Run folder: [bold]{clean(run.folder)}[/bold]")
    found = Search(run, meter)
    try:
        read_sentences(found.env, meter)
        found.go(config.trials)
    except KeyboardInterrupt:
        run.mark("interrupted")
        say(f"\nStopped after {found.done()} trials; go on with: {pasted('tune', '--resume', run.folder)}")
        return INTERRUPTED
    finally:
        best = found.best()
        if best is not None:
            for file in (run.folder / TUNED, *([config.into] if config.into else [])):
                keep_tuned(file, id_of(found.env), found.agent.name, best)
    run.done("tune")
    run.mark("finished")
    rows = list(found.rows())
    trials = grid_of(rows, found)
    sheet = Sheet(
        kicker=f"tune · {id_of(found.env)} · encoder {found.env.encoder}",
        headline=f"{found.agent.label}: the best of {len(rows)} trials",
        lead=f"Each learned for {found.turns:,} turns. The best settings are in {TUNED}.",
        sections=[Section(title="Trials, the best first", grids={"trials": trials})],
    )
    publish(run.folder, sheet, run.versions)
    if config.json:
        print_json({"run": run.folder, "best": best, "trials": rows})
    else:
        output().print(trials)
        words = pasted("train", "--agent", found.agent.name, "--tuned", run.folder / TUNED)
        output().print(f"Train with the best: {words}", soft_wrap=True)
    return 0
