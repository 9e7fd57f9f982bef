"""``chatrec simulator-agreement``: whether policies rank alike with scripted users and with the LLM user simulator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle, permutations
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import tyro

from agents import registry
from chatrec_env.errors import ConfigError
from experiments.cli.options import EnvOptions, OptionalPath, check_least, id_of
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import Contender, check_same_people, find_policies, task_of
from experiments.evaluate.rollout import Episodes, meet_people, people_seeds, read_sentences
from experiments.evaluate.stats import Interval, mean_interval, paired_interval, sampled_interval
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, plus_minus
from experiments.report.page import h, minus
from experiments.report.plots import COLORS, Picture, canvas, drawn, titled
from experiments.report.publish import Section, Sheet
from experiments.report.runlog import check_free
from experiments.report.study import keep_table, show
from experiments.report.tracking import NONE, Track, check_kept
from experiments.simulator.playing import as_asked, speaking, together
from simulators.fidelity import resamples

DRAWS = 10_000
"""Bootstrap resamples of the people behind the interval of the rank correlation."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementConfig(EnvOptions):
    """Rank policies by mean return with scripted users, and with the same people played by the LLM user simulator.

    Agreement is Spearman's rank correlation of the two rankings: its 95% interval is a bootstrap over people (the
    same resample for all policies and both simulators), its p value the share of all orders of the policies that
    agree at least as well. Every answer of a model is recorded, so a run that stopped goes on where it was.

    Attributes:
        policies: Run folders, policy folders, or names of heuristics; at least three in all.
        people: How many people each policy meets, twice.
        seed: Which people; also of the bootstrap.
        users: How the language model plays them, as JSON like '{"name": "llm", "backend": "llamacpp"}'.
        encoder: Sentence encoder where no learned policy is named; learned policies bring their own.
        replay: Answer from the recording alone, without a model.
        out: Also write a run folder with the table, its picture and a page here.
        track: Where numbers go besides the run folder; needs --out.
        json: Print the table as JSON.
    """

    policies: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")] = tuple(
        registry.names(registry.BASELINE, actions="items")
    )
    people: int = 20
    seed: int = 0
    users: str = "llm"
    encoder: str = "hash"
    replay: bool = False
    out: OptionalPath = None
    track: Track = NONE
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, people=2, seed=0)
        check_kept(self.track, self.out)


def spearman(one: npt.ArrayLike, other: npt.ArrayLike) -> Float:
    """Spearman's rank correlation along the last axis, ties at their mean rank; NaN where one side is all ties.

    Args:
        one: ``(..., K)``.
        other: Of a shape that broadcasts with ``one``.
    """
    from scipy.stats import rankdata

    a, b = (rankdata(np.asarray(x, np.float64), axis=-1) for x in (one, other))
    a, b = (x - x.mean(-1, keepdims=True) for x in (a, b))
    size = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    return np.divide((a * b).sum(-1), size, out=np.full(np.shape(size), np.nan), where=size > 0)


def agreement(scripted: Float, llm: Float, seed: int) -> dict[str, Any]:
    """How two rankings of the same policies agree.

    Args:
        scripted: Returns ``(policies, people)``.
        llm: Those of the same people with the LLM user simulator.
        seed: Of the bootstrap.

    Returns:
        ``spearman`` as an interval over people; ``p``: the share of all orders of the policies whose correlation with
        the scripted ranking is at least as high (exact permutation test, one-sided); ``pairs`` and ``pairs_alike``:
        how many pairs of policies there are, and how many stand in the same order.
    """
    k, people = scripted.shape
    weights = resamples(people, DRAWS, seed) / people
    rho = spearman(weights @ scripted.T, weights @ llm.T)
    one, other = scripted.mean(1), llm.mean(1)
    orders = np.array(list(permutations(range(k)))) if k <= 8 else _some_orders(k, seed)
    p = float((spearman(one, other[orders]) >= rho[0] - 1e-12).mean())
    pairs = [(i, j) for i in range(k) for j in range(i)]
    alike = sum((one[i] - one[j]) * (other[i] - other[j]) > 0 for i, j in pairs)
    found = sampled_interval(rho[0], rho[1:], people)
    return {"spearman": found.to_dict(), "p": p, "pairs": len(pairs), "pairs_alike": int(alike)}


def _some_orders(k: int, seed: int) -> npt.NDArray[np.int64]:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    return rng.permuted(np.tile(np.arange(k), (DRAWS, 1)), axis=1)


def meet_all(contenders: list[Contender], seeds: list[int], meter: Meter, label: str) -> list[Episodes]:
    """One conversation of every policy with each person."""
    out = []
    for c in contenders:
        task = task_of(c)
        out.append(meet_people(task, c.policy, seeds, meter, f"{c.name} meets {label}", size=together(task)))
    return out


def make_table(
    names: list[Contender], scripted: list[Episodes], llm: list[Episodes], seed: int, **about: Any
) -> dict[str, Any]:
    """The table as plain JSON data, policies by falling return with scripted people."""
    one, other = np.stack([e.ret for e in scripted]), np.stack([e.ret for e in llm])
    heuristics = [i for i, c in enumerate(names) if not c.learned]
    best = max(heuristics, key=lambda i: float(one[i].mean()), default=None)
    ranks = [(-x.mean(1)).argsort(kind="stable").argsort(kind="stable") + 1 for x in (one, other)]
    rows: list[dict[str, Any]] = [
        {
            "policy": c.name,
            "env": id_of(c.env),
            "learned": c.learned,
            "scripted": mean_interval(one[i]).to_dict(),
            "scripted_rank": int(ranks[0][i]),
            "llm": mean_interval(other[i]).to_dict(),
            "llm_rank": int(ranks[1][i]),
            "difference": paired_interval(other[i], one[i]).to_dict(),
            "scripted_lead": None if best in (i, None) else paired_interval(one[i], one[best]).to_dict(),
            "llm_lead": None if best in (i, None) else paired_interval(other[i], other[best]).to_dict(),
        }
        for i, c in enumerate(names)
    ]
    rows.sort(key=lambda row: row["scripted_rank"])
    reference = None if best is None else names[best].name
    return {
        "format": FORMAT,
        **about,
        "seed": seed,
        "people": one.shape[1],
        "reference": reference,
        **agreement(one, other, seed),
        "rows": rows,
    }


def grid_of(table: dict[str, Any]) -> Grid:
    """The table for people, learned policies in bold."""
    rho = Interval.from_dict(table["spearman"])
    out = Grid(
        ("policy", "scripted", "rank", "LLM", "rank", "LLM − scripted", "lead, scripted", "lead, LLM"),
        title=f"{table['people']:,} people, played by both simulators; return with 95% intervals",
        caption=f"Spearman {rho.mean:.2f}, 95% interval over people {rho.low:.2f} to {rho.high:.2f}, "
        f"p = {table['p']:.3f} over all orders; {table['pairs_alike']} of {table['pairs']} pairs in the same order.\n"
        "LLM − scripted: person by person. Leads: over the best heuristic with scripted users "
        f"({table['reference']}), person by person.",
    )
    for row in table["rows"]:
        returns = ((plus_minus(row[side]), row[f"{side}_rank"]) for side in ("scripted", "llm"))
        gaps = (plus_minus(row[key], sign=True) for key in ("difference", "scripted_lead", "llm_lead"))
        out.add(row["policy"], *(cell for pair in returns for cell in pair), *gaps, bold=row["learned"])
    return out


def draw(table: dict[str, Any]) -> Picture:
    """Every policy's return with the LLM user simulator over that with scripted people."""
    figure, axes = canvas(6.6, 4.6)
    for row, color in zip(table["rows"], cycle(COLORS), strict=False):
        x, y = (Interval.from_dict(row[side]) for side in ("scripted", "llm"))
        axes.plot([x.low, x.high], [y.mean, y.mean], color=color, lw=3, alpha=0.3)
        axes.plot([x.mean, x.mean], [y.low, y.high], color=color, lw=3, alpha=0.3)
        axes.plot([x.mean], [y.mean], "o", color=color, ms=7, label=row["policy"])
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    titled(
        axes, "Return with the LLM user simulator", "each policy, with 95% intervals", "with scripted people"
    )
    return drawn(figure, "Return of each policy with both simulators")


def sheet_of(table: dict[str, Any]) -> Sheet:
    """The page."""
    rho = Interval.from_dict(table["spearman"])
    alike = f"{table['pairs_alike']} of {table['pairs']} pairs of policies in the same order"
    return Sheet(
        kicker=f"scripted people and a language model's · {table['people']:,} people",
        headline=alike,
        lead=f"Rank correlation {minus(rho.mean)}, p = {table['p']:.3f} over all orders of the policies.",
        sections=[
            Section(title="Returns", pictures={"returns": draw(table)}, grids={"table": grid_of(table)}),
        ],
        footer=f"Seed {h(table['seed'])}.",
    )


def simulator_agreement(config: AgreementConfig) -> int:
    """Run the command; returns its exit code."""
    if config.out is not None:
        check_free(config.out)
    users = speaking(config.config().users, replay=config.replay)
    found = find_policies(config.policies, config.config(users="scripted"))
    if len(found) < 3:
        raise ConfigError(f"A ranking needs at least three policies, got {len(found)}. Name more of them.")
    found = [replace(c, env=replace(c.env, users="scripted", max_turns=config.max_turns)) for c in found]
    check_same_people(found)
    meter, seeds = Meter(), people_seeds("eval", config.seed, config.people)
    for env in {c.env.encoder: c.env for c in found}.values():
        read_sentences(env, meter)
    made = [replace(c, env=replace(c.env, users=users)) for c in found]
    scripted = meet_all(found, seeds, meter, "scripted users")
    llm = meet_all(made, seeds, meter, "the same people (LLM user simulator)")
    about = {
        "users": as_asked(users),
        "scenario": found[0].env.scenario,
        "max_turns": config.max_turns,
    }
    table = make_table(found, scripted, llm, config.seed, **about)
    if config.out is not None:
        options = {"policies": list(config.policies), "people": config.people, **about}
        speakers = [task_of(c).users for c in made]
        seed, sheet = {"eval": config.seed}, sheet_of(table)
        keep_table(config.out, "simulator-agreement", options, seed, table, speakers, sheet, config.track)
    show(table, [grid_of(table)], json=config.json)
    return 0
