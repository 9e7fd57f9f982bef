"""``chatrec fit-themes``: learns what people of a catalogue have in mind that no facet holds, and how they say it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from agents.base import conversations, decision
from agents.baselines import AskThenRecommend
from chatrec_env.core.kernel import State, Task
from chatrec_env.dialogue.meaning import FOR, OTHERWISE
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from chatrec_env.retrieval.dense import DenseIndex
from chatrec_env.retrieval.theme_files import pack_themes
from chatrec_env.retrieval.themes import MOST_THEMES, Themes
from experiments.cli.options import check_least, name_or_object
from experiments.cli.progress import Meter
from experiments.cli.terminal import command_line, output
from experiments.evaluate.rollout import meet, people_seeds, policy_draws
from experiments.report.documents import write_atomic

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

ROUNDS = 25
"""Rounds of expectation and maximisation."""

COUNTED = 0.03
"""How much the utilities of the items count beside the sentences: an item is no witness independent of the others."""

FOCUS = np.float32(10)
"""Log-likelihood of a theme per unit of the cosine between a sentence and its centre."""

TOLD = np.float32(0.7)
"""How much what is told of a theme's items counts beside what people say of it."""

SHRINKAGE = 4.0
"""People at the mean who are added to each theme, so that few people do not make much of an item."""

FEWEST = 20
"""People of a theme; those with fewer are dropped."""

BATCH = 500

MOST_NUMBERS = 500_000_000
"""Utilities held in memory, people times items."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FitThemesConfig:
    """Learn what people have in mind that no facet holds, and how they say it.

    Simulated people are met who want something beyond the facets and say it in words of their own. Those who say like
    things and value like items, beyond what facets explain, share a theme (a mixture model, fitted by
    expectation-maximisation to the encoded sentences and the utilities of the items to these people). What items are
    worth is known of simulated people alone; an environment with the themes (--themes PATH --semantic 1) goes by what
    is said and done. People of scenario own_words use half of the phrases; the other half (phrasing held_out) is for
    evaluating.

    Attributes:
        catalog: A built-in domain, or a table with its declaration beside it.
        scenario: Whom to meet: a scenario in which people have notions, by name, or JSON of changes, such as
            '{"name": "full", "notions": 2.5, "notion_share": 0.9, "notion_file": "notions.json"}' for a table of one's
            own.
        encoder: Sentence encoder.
        people: How many are met.
        themes: Most themes; some die out, and those of fewer than 20 people are dropped.
        seed: Decides who is met, and where themes begin.
        out: File to write; default: runs/themes-CATALOG.safetensors.
    """

    catalog: str = "movies"
    scenario: str = "own_words"
    encoder: str = "minilm"
    people: int = 20_000
    themes: int = 256
    seed: int = 0
    out: Path | None = None

    def __post_init__(self) -> None:
        check_least(self, people=100, themes=2, seed=0)
        if self.themes > MOST_THEMES:
            raise ConfigError(f"--themes is at most {MOST_THEMES}, got {self.themes}.")


@dataclass(frozen=True, slots=True)
class Heard:
    """What P people said beyond the slots, S different sentences, and what I items are worth to them.

    Attributes:
        said: (P, S) 1 where a person said a sentence.
        vectors: (S, D) float32 the sentences, encoded.
        utility: (P, I) float32 utilities at the beginning, less those of the person's and the item's mean.
    """

    said: csr_matrix
    vectors: npt.NDArray[np.float32]
    utility: npt.NDArray[np.float32]


def listen(task: Task, seeds: list[int], meter: Meter) -> Heard:
    """Meet people with a simple policy, and note what they say beyond the slots and what items are worth to them."""
    from scipy.sparse import csr_matrix

    policy, table, start = AskThenRecommend(questions=1), task.manager.table, 2 + task.manager.slate_size
    index = table.matcher
    assert isinstance(index, DenseIndex)
    people: list[npt.NDArray[np.int64]] = []
    ids: list[npt.NDArray[np.int64]] = []
    utility = np.empty((len(seeds), task.manager.catalog.n_items), np.float32)

    def note(rows: npt.NDArray[np.intp], sentences: npt.NDArray[np.int64]) -> None:
        flags = table.arrays.flags[table.row(np.maximum(sentences, 0))]
        wished = (sentences >= 0) & ((flags & OTHERWISE == 0) | (flags & FOR != 0))
        who, place = np.nonzero(wished)
        people.append(rows[who])
        ids.append(sentences[who, place])

    with meter.work("meeting people", len(seeds), "people") as work:
        for first in range(0, len(seeds), BATCH):
            some = seeds[first : first + BATCH]
            own, state = policy_draws(some, task.manager.max_turns), meet(task, some)
            utility[first : first + len(some)] = task.users.reveal(state.people)["utility"]
            note(first + np.arange(len(some)), state.dialogue.transcript[:, 0, start:])

            def act(
                rows: npt.NDArray[np.intp], state: State, own: npt.NDArray[np.float64] = own
            ) -> npt.NDArray[np.int64]:
                return policy.act(decision(task, state), own[rows, state.dialogue.turn])

            for rows, _, turn in conversations(task, state, act):
                note(first + rows, turn.user.sentences)
            work.to(first + len(some))
    known, column = np.unique(np.concatenate(ids), return_inverse=True)
    vectors = table.arrays.embeddings[table.row(known)]
    said = csr_matrix((np.ones(len(column), np.float32), (np.concatenate(people), column)))
    said.data[:] = 1
    more = ~index.plain(vectors)
    said, vectors = said[:, more], vectors[more]
    counts = said.getnnz(axis=1)
    spoke, several = np.flatnonzero(counts), int((counts > 1).sum())
    if several < FEWEST:
        raise ConfigError(
            f"Expected at least {FEWEST} people who say several things that no facet holds, got {several}. Choose a "
            "scenario with notions, such as own_words, or more people."
        )
    utility -= utility.mean(1, keepdims=True)
    utility -= utility.mean(0)
    return Heard(said[spoke].tocsr(), vectors, utility[spoke])


def unexplained(utility: npt.NDArray[np.float32], task: Task) -> npt.NDArray[np.float32]:
    """Of utilities (P, I), what no combination of an item's values and factors explains: least squares."""
    catalog = task.manager.catalog
    columns = np.concatenate(
        [catalog.values, catalog.factors, np.ones((catalog.n_items, 1))], axis=1, dtype=np.float64
    )
    axes, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    axes = axes[:, sizes > 1e-6 * sizes[0]].astype(np.float32)
    left: npt.NDArray[np.float32] = utility - (utility @ axes) @ axes.T
    return left


def begin(directions: npt.NDArray[np.float32], n: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """So many of the directions (P, D), each far from those before (k-means++; Arthur and Vassilvitskii, 2007)."""
    chosen = [int(rng.integers(len(directions)))]
    nearest = directions @ directions[chosen[0]]
    while len(chosen) < n:
        chance = np.maximum(1 - nearest, 1e-6).astype(np.float64) ** 2
        chosen.append(int(rng.choice(len(directions), p=chance / chance.sum())))
        nearest = np.maximum(nearest, directions @ directions[chosen[-1]])
    return directions[chosen]


def learn(
    heard: Heard,
    left: npt.NDArray[np.float32],
    texts: npt.NDArray[np.float32],
    n_themes: int,
    seed: int,
    meter: Meter,
) -> dict[str, Any]:
    """Themes of people who were heard: ``centres``, ``centre``, ``share`` and ``worth``, as ``Themes`` has them.

    A person of theme t says sentences around its centre (von Mises and Fisher) and finds an item better by a normal
    number around what it is worth to the theme. A sentence counts once, however many people say it.

    Args:
        heard: What they said, and utilities.
        left: (P, I) float32 of the utilities, what facets do not explain: people are told apart by that.
        texts: (I, D) float32 vectors of the items' texts.
        n_themes: Themes to begin with.
        seed: Where they begin.
        meter: Shows progress.
    """
    said, centre = heard.said, heard.vectors.mean(0)
    directions = unit(heard.vectors - centre)
    several = np.flatnonzero(said.getnnz(axis=1) >= 2)
    centres = begin(unit(said[several] @ directions), n_themes, np.random.default_rng(seed))
    share, worth = np.full(n_themes, 1 / n_themes), np.zeros((n_themes, left.shape[1]), np.float32)
    weight = COUNTED / float((left**2).mean())
    with meter.work("learning themes", ROUNDS, "rounds") as work:
        for _ in range(ROUNDS):
            belief = said @ (FOCUS * directions @ centres.T) + np.log(share).astype(np.float32)
            belief += weight * (left @ worth.T - (worth**2).sum(1) / 2)
            belief = np.exp(belief - belief.max(1, keepdims=True))
            belief /= belief.sum(1, keepdims=True)
            people = belief.sum(0)
            share = (people + 1e-3) / (people + 1e-3).sum()
            said_by = said.T @ belief
            centres = unit((said_by / np.maximum(said_by.sum(1, keepdims=True), 1e-9)).T @ directions)
            worth = (belief.T @ left) / (people[:, None] + SHRINKAGE)
            work.add(1)
    kept = people >= FEWEST
    if not kept.any():
        raise ConfigError(
            f"No theme has {FEWEST} people: {len(people)} themes are too many for {len(left)} people who say more than "
            "their facets. Ask for more --people or fewer --themes."
        )
    worth = (belief.T @ heard.utility)[kept] / (people[kept, None] + SHRINKAGE)
    share = share[kept] / share[kept].sum()
    # What is told of a theme's items is like what people say of it, too.
    told = np.maximum(worth, 0) @ texts
    told = unit(told / np.maximum(worth, 0).sum(1, keepdims=True) - texts.mean(0))
    return {
        "centres": (centres[kept] + TOLD * told) / (1 + TOLD),
        "centre": centre,
        "share": share.astype(np.float32),
        "worth": worth.astype(np.float32),
    }


def unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows of length 1."""
    scaled: npt.NDArray[np.float32] = vectors / np.maximum(
        np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9
    )
    return scaled


def fit_themes(config: FitThemesConfig) -> int:
    """Run ``chatrec fit-themes``; returns its exit code."""
    env = EnvConfig(
        catalog=config.catalog,
        scenario=name_or_object(config.scenario, "--scenario"),
        encoder=name_or_object(config.encoder, "--encoder"),
        semantic=1.0,
        observation="tabular",
    )
    meter, out = Meter(), config.out or Path("runs") / f"themes-{Path(config.catalog).stem}.safetensors"
    if not out.name or (out.exists() and not out.is_file()):
        raise ConfigError(f"--out must be a file, or a place where there is none yet, got {str(out)!r}.")
    with meter.work("Loading the catalogue and the sentence encoder"):
        task = make_task(env)
    catalog = task.manager.catalog
    if config.people * catalog.n_items > MOST_NUMBERS:
        raise ConfigError(
            f"{config.people:,} people and {catalog.n_items:,} items are too many to be held in memory: ask for at "
            f"most {MOST_NUMBERS // catalog.n_items:,} people."
        )
    heard = listen(task, people_seeds("train", config.seed, config.people), meter)
    index = task.manager.table.matcher
    assert isinstance(index, DenseIndex)
    left = unexplained(heard.utility, task)
    found = learn(heard, left, index.items, config.themes, config.seed, meter)
    themes = Themes(**found, catalog=catalog.digest, encoder=task.manager.table.encoder.name)
    write_atomic(out, pack_themes(themes))
    console = output()
    console.print(
        f"{len(themes.share)} themes from {heard.said.shape[0]:,} people and {heard.said.shape[1]:,} sentences in {out}"
    )
    where = (("--catalog", config.catalog), ("--scenario", config.scenario), ("--encoder", config.encoder))
    options = [word for option in (*where, ("--semantic", 1), ("--themes", out)) for word in option]
    console.print(f"Use them: {command_line('chatrec', 'evaluate', 'greedy', *options)}", soft_wrap=True)
    return 0
