"""``chatrec domains``: PPO against the best heuristic in every domain, on the same unseen people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chatrec_env.catalog import BUILT_IN, load_catalog
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from experiments.cli.options import OptionalPath
from experiments.cli.progress import Meter, Work
from experiments.evaluate.domains_table import NAMES, make_row, to_rich
from experiments.evaluate.reproduce import finished, summary
from experiments.evaluate.reproduce_table import HEURISTICS, TUNED
from experiments.evaluate.rollout import join, people_seeds, run_batches
from experiments.report.documents import FORMAT, read_document, write_document
from experiments.train.tune import ROUNDS, tune

LEARNER = "ppo"


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainsConfig:
    """Train PPO in every domain and compare it with the best heuristic there, person by person.

    In each domain the heuristics meet unseen people, the strongest of them after being tuned on other people of
    that domain; PPO is trained from scratch with the same settings everywhere and meets the same people. The
    difference is paired: return of PPO less return of the best heuristic with the same person. With one training
    seed its interval is over people; with several, over seeds (see ``science_table.difference``).

    Finished parts are kept in the run folder, and PPO's training goes on from its last checkpoint: a stopped run
    takes up where it was.

    Attributes:
        catalogs: Names of built-in catalogues, or paths; default: all that are built in.
        scenario: Scenario the conversations are held in.
        turns: Turns PPO trains on in each domain, per seed.
        seeds: Training seeds.
        people: Unseen people per training seed.
        tune_people: People the best settings of the tuned heuristic have met (at most; see experiments/train/tune.py).
        encoder: Sentence encoder.
        out: Run folder; default: runs/domains. Finished parts in it are used again.
        json: Print the table as JSON.
    """

    catalogs: tuple[str, ...] = tuple(BUILT_IN)
    scenario: str = "full"
    turns: int = 1_200_000
    seeds: int = 1
    people: int = 2000
    tune_people: int = 720
    encoder: str = "hash"
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        for name in ("turns", "seeds", "tune_people"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    f"--{name.replace('_', '-')} must be at least 1, got {getattr(self, name)}."
                )
        if self.people < 2:
            raise ConfigError(f"--people must be at least 2 for an interval, got {self.people}.")
        if not self.catalogs or len(set(self.catalogs)) < len(self.catalogs):
            raise ConfigError(f"--catalogs must name each domain once, got {list(self.catalogs)}.")

    def env(self, catalog: str) -> EnvConfig:
        """The environment of a domain."""
        return EnvConfig(catalog=catalog, scenario=self.scenario, encoder=self.encoder)

    def unseen(self, seed: int) -> list[int]:
        """Environment seeds of the people met after training with ``seed``."""
        return people_seeds("final", seed, self.people)

    def everybody(self) -> list[int]:
        """The people of all training seeds, in order."""
        return [person for seed in range(self.seeds) for person in self.unseen(seed)]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the comparison that is kept on its own: one policy in one domain.

    Attributes:
        catalog: Name or path of the domain.
        policy: ``LEARNER`` or a heuristic.
        seed: Training seed; 0 for heuristics.
    """

    catalog: str
    policy: str
    seed: int = 0

    @property
    def name(self) -> str:
        """File name of the part."""
        domain = Path(self.catalog).stem
        return f"{domain}-{self.policy}-{self.seed}" if self.policy == LEARNER else f"{domain}-{self.policy}"


def parts_of(config: DomainsConfig, catalog: str) -> list[Part]:
    """The parts of one domain, heuristics first."""
    learned = [Part(catalog, LEARNER, seed) for seed in range(config.seeds)]
    return [Part(catalog, name) for name in (*HEURISTICS, TUNED)] + learned


def signature(config: DomainsConfig, part: Part) -> dict[str, Any]:
    """What the numbers of a part depend on."""
    own = {"turns"} if part.policy == LEARNER else {"tune_people"} if part.policy == TUNED else set()
    names = {"scenario", "seeds", "people", "encoder", *own}
    kept = {key: value for key, value in asdict(config).items() if key in names}
    if part.policy == LEARNER:
        del kept["seeds"]
    return {**kept, **asdict(part), "digest": load_catalog(part.catalog).digest}


def play(config: DomainsConfig, part: Part, folder: Path, meter: Meter) -> dict[str, Any]:
    """The numbers of a part: trains or tunes what has to be, then lets it meet its people."""
    from agents.baselines import make_baseline

    env, domain = config.env(part.catalog), Path(part.catalog).stem
    if part.policy == LEARNER:
        policy: Any = _trained(config, part, folder, meter)
        return _meet(env, policy, config.unseen(part.seed), meter, f"{domain}: PPO meets people")
    told: dict[str, Any] = {}
    if part.policy == TUNED:
        rounds = (*tuple(r for r in ROUNDS if r < config.tune_people), config.tune_people)
        with meter.work(f"{domain}: tuning the strongest heuristic", 1, "conversations") as work:

            def progress(held: int, total: int, note: str) -> None:
                work.total = total
                work.to(held, note)

            found = tune(env, rounds=rounds, progress=progress)
        policy, told = found.policy, {"params": found.params}
    else:
        policy = make_baseline(part.policy, env)
    label = f"{domain}: {NAMES[part.policy]} meets people"
    return {**_meet(replace(env, observation="tabular"), policy, config.everybody(), meter, label), **told}


def _meet(env: EnvConfig, policy: Any, seeds: list[int], meter: Meter, label: str) -> dict[str, Any]:
    from chatrec_env.envs.task import make_task

    parts = []
    with meter.work(label, len(seeds), "people") as work:
        for part in run_batches(make_task(env), policy, seeds):
            parts.append(part)
            work.add(len(part.seeds), f"return {part.ret.mean():.2f}")
    return summary(join(parts))


def _trained(config: DomainsConfig, part: Part, folder: Path, meter: Meter) -> Any:
    """PPO trained in a domain; from the checkpoint in the run folder where there is one of this training."""
    from agents.ppo.agent import PPOConfig, train_ppo

    env, wanted = config.env(part.catalog), PPOConfig(turns=config.turns, seed=part.seed)
    place = folder / "policies" / part.name
    done = finished(place, wanted, env)
    if done is not None:
        return done
    label = f"{Path(part.catalog).stem}: training PPO, seed {part.seed}"
    with meter.work(label, config.turns, "turns") as work:
        return train_ppo(
            wanted, env, folder=place, resume=_started(place, wanted, env), callback=_report(work)
        )


def _report(work: Work) -> Any:
    def report(record: dict[str, float]) -> None:
        note = f"return {record['return']:.2f} while exploring" if "return" in record else ""
        work.to(min(int(record["turns"]), work.total), note)

    return report


def _started(place: Path, wanted: Any, env: EnvConfig) -> bool:
    """Whether a checkpoint of just this training is there."""
    from agents.checkpoints import load_checkpoint
    from agents.ppo.agent import PPOAgent

    if not (place / "policy.json").exists():
        return False
    agent = PPOAgent.from_checkpoint(load_checkpoint(place))
    return (agent.config, agent.env) == (wanted, env)


def compute(config: DomainsConfig, folder: Path, meter: Meter) -> None:
    """Every part that is not in the folder yet; each is written as soon as it is known."""
    for part, file in _files(config, folder):
        kept = signature(config, part)
        if file.exists() and read_document(file).get("signature") == kept:
            continue
        found = play(config, part, folder, meter)
        write_document(file, {"format": FORMAT, "signature": kept, "found": found})


def _files(config: DomainsConfig, folder: Path) -> Iterator[tuple[Part, Path]]:
    for catalog in config.catalogs:
        for part in parts_of(config, catalog):
            yield part, folder / "parts" / f"{part.name}.json"


def make_table(config: DomainsConfig, folder: Path) -> dict[str, Any]:
    """The table of all domains from the parts in the folder."""
    found = {part: read_document(file)["found"] for part, file in _files(config, folder)}
    rows = []
    for catalog in config.catalogs:
        learned = [found[Part(catalog, LEARNER, seed)] for seed in range(config.seeds)]
        plain = {name: found[Part(catalog, name)] for name in (*HEURISTICS, TUNED)}
        rows.append(make_row(load_catalog(catalog), plain, learned))
    names = ("scenario", "turns", "seeds", "people", "tune_people", "encoder")
    return {"format": FORMAT, **{name: getattr(config, name) for name in names}, "rows": rows}


def domains(config: DomainsConfig) -> int:
    """Run the command; returns its exit code."""
    from experiments.cli.terminal import clean, output, print_json, say
    from experiments.train.preload import read_sentences

    folder = config.out or Path("runs") / "domains"
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    for catalog in config.catalogs:
        load_catalog(catalog)  # a misspelt name is refused now, not after an hour
    meter = Meter()
    if config.encoder.startswith("minilm"):
        for catalog in config.catalogs:
            read_sentences(config.env(catalog), meter)
    compute(config, folder, meter)
    table = make_table(config, folder)
    write_document(folder / "domains.json", table)
    if config.json:
        print_json(table)
    else:
        output().print(to_rich(table))
    say(f"Kept in {clean(folder)}")
    return 0
