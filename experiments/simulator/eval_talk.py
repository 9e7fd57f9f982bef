"""``chatrec eval-talk``: how scripted people talk, beside real people; and how well what they say is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.meanings import MEANINGS, said_after
from experiments.cli.options import check_least
from experiments.cli.progress import Meter
from experiments.evaluate.stats import Interval, mean_interval
from experiments.report.documents import FORMAT
from experiments.report.grid import NOTHING, Grid, from_to
from experiments.report.study import show
from simulators.calibration.talk import (
    KINDS,
    REAL,
    Message,
    measure_talk,
    scripted_messages,
    total_variation,
)
from simulators.scenarios.talk import TALKS

SHARES = {
    "distinct_2": "different bigrams among the first 4,000",
    "repeated": "messages said more than once",
    "questions": "messages with a question",
    "unpunctuated": "no closing punctuation",
    "titles": "names a title",
    "wish_openings": "openings that state a wish",
}
AT_ONCE = 64
"""Sentences read in one call."""

WISHES = {"want": "WANT", "avoid": "AVOID", "liked": "LIKED_ITEM", "disliked": "DISLIKED_ITEM"}
OTHERS = {
    **{
        "drop": "DROP",
        "too": "TOO",
        "enough": "ENOUGH_OF",
        "except": "EXCEPT",
        "lacks": "MISMATCH",
        "like": "LIKE",
    },
    **{"seen": "SEEN_IT", "take": "ACCEPT", "find": "FIND_ITEM", "asked": "ASK_FACT"},
}
WANTED = {
    Argument.CONTEXT: "CONTEXT",
    Argument.ENTITY: "ENTITY",
    Argument.DIRECTION: "RELATIVE",
}
"""Acts that a wish of another kind than a value is read as."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvalTalkConfig:
    """Scripted conversations of each way of talking, measured beside real dialogues.

    The people meet a system that suggests by the wishes they told, answers most questions and asks at times. The
    figures of real people are of public collections: people talking to machines (CRSArena) beside "crs", people
    talking to people about films (INSPIRED, ReDial) beside "chat".

    Attributes:
        catalog: Name of a built-in catalogue, or a path.
        scenario: Scenario.
        messages: Messages measured of each way of talking; how many repeat depends on it.
        seeds: How often; intervals are over these.
        read: Sentences of each that the learned reader is tried on; 0: none, which needs no language model.
        json: Print JSON.
    """

    catalog: str = "movies"
    scenario: str = "full"
    messages: int = 1000
    seeds: int = 3
    read: int = 0
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, messages=10, seeds=2, read=0)


_AS_WELL: Final[dict[Form, frozenset[str]]] = {
    Form.MOOD_BORED: frozenset(
        ("DOUBT", "IMPATIENT", "ENOUGH_OF", "MISMATCH", "TOO")
    ),  # "these all feel the same", "a bit repetitive"
    Form.SURPRISE_ME: frozenset(("DONT_KNOW",)),  # "I don't really know, maybe you pick something"
    Form.RATE: frozenset(
        ("LIKED_ITEM", "DISLIKED_ITEM", "SEEN_IT")
    ),  # "five out of five": stars are told besides
    Form.TAKE_ITEM: frozenset(("FIND_ITEM",)),  # "Heat please": a reader does not know the cards
}
"""What a form may be read as too, where its words say no less."""


def meant(form: Form) -> set[str]:
    """Names of the acts that a form is meant to be read as."""
    acts, role = MEANINGS[form].acts, MEANINGS[form].role.partition("@")[0].rstrip("!?")
    names = {
        "LIKED_ITEM" if act == "LIKED_IT" else "DISLIKED_ITEM" if act == "DISLIKED_IT" else act
        for act in acts
    }
    if names & {"LIKED_ITEM", "DISLIKED_ITEM"}:
        names -= {"SEEN_IT"}  # an opinion tells it
    if role == "want":
        return names | {WANTED.get(form.argument, "WANT")}
    return names | ({(WISHES | OTHERS)[role]} if role else set())


def reading_share(texts: Sequence[tuple[Form, str]], catalog: str) -> Interval:
    """Share of sentences in which the learned reader finds what they are meant to say, with its 95% interval."""
    from chatrec_env.catalog import load_catalog
    from chatrec_env.language import Parser, make_encoder
    from chatrec_env.language.message_reader import MessageReader

    reader = MessageReader(Parser(load_catalog(catalog)), make_encoder("minilm"))
    found = []
    places = {said_after(form) for form, _ in texts}
    with Meter().work("Reading", len(texts), "sentences") as work:
        for after in places:
            some = [(form, text) for form, text in texts if said_after(form) == after]
            for start in range(0, len(some), AT_ONCE):
                part = some[start : start + AT_ONCE]
                _, read = reader.read([text for _, text in part], after=after)
                for (form, _), acts in zip(part, read, strict=True):
                    names = {act.act.name for act in acts}
                    found.append(meant(form) <= names or bool(names & _AS_WELL.get(form, set())))
                work.add(len(part))
    return mean_interval(found)


def measured(config: EvalTalkConfig) -> dict[str, Any]:
    """The document that is printed."""
    from chatrec_env.catalog import load_catalog
    from chatrec_env.language import Grammar
    from simulators.notions.record import phrases_of
    from simulators.scenarios.scenario import make_scenario
    from simulators.scripted.simulator import make_scripted

    catalog = load_catalog(config.catalog)
    grammar = Grammar(catalog, phrases=phrases_of(catalog, make_scenario(config.scenario)))
    rows: dict[str, Any] = {}
    said: dict[str, list[tuple[Form, str]]] = {}
    with Meter().work("Talking", len(TALKS) * config.seeds, "runs") as work:
        for talk in TALKS:
            users = make_scripted(catalog, grammar, {"name": config.scenario, "talk": talk}, None)
            runs, spoken = [], set()
            for seed in range(config.seeds):
                messages: list[Message] = scripted_messages(users, max(config.messages // 4, 4), seed=seed)
                messages = messages[: config.messages]
                runs.append(measure_talk(messages))
                spoken |= {(one.forms[0], one.text) for one in messages if len(one.forms) == 1}
                work.add(1)
            rows[talk] = {
                **{key: mean_interval([run[key] for run in runs]).to_dict() for key in SHARES},
                "words": float(np.mean([run["words"] for run in runs])),
                "mix": [float(x) for x in np.mean([run["mix"] for run in runs], axis=0)],
            }
            if talk in REAL:
                rows[talk]["variation"] = total_variation(rows[talk]["mix"], REAL[talk]["mix"])
            said[talk] = sorted(spoken, key=lambda one: one[1])
    if config.read:
        for talk, known in said.items():
            some = known[:: max(len(known) // config.read, 1)][: config.read]
            rows[talk]["read"] = reading_share(some, config.catalog).to_dict()
    return {
        "format": FORMAT,
        "catalog": config.catalog,
        "messages": config.messages,
        "talks": rows,
        "real": REAL,
    }


def grids(document: dict[str, Any]) -> list[Grid]:
    """The tables of ``measured``."""
    talks, real = document["talks"], document["real"]
    heads = [name for talk in talks for name in ((talk, f"real, {talk}") if talk in real else (talk,))]
    out = Grid(
        ("", *heads),
        title=f"{document['messages']:,} messages of scripted people, {document['catalog']}",
        caption="Real: people talking to machines (crs) and to people about films (chat). Variation: half the sum of "
        "absolute differences of the shares of asking, accepting, refusing and the rest. Read: single sentences in "
        "which the learned reader finds what they are meant to say.",
    )

    def add(name: str, key: str, told: dict[str, str]) -> None:
        cells = []
        for talk in talks:
            cells.append(told.get(talk, NOTHING))
            if talk in real:
                cells.append(f"{real[talk][key]:.2f}" if key in real[talk] else NOTHING)
        out.add(name, *cells)

    for key, name in SHARES.items():
        add(name, key, {talk: from_to(row[key], 2) for talk, row in talks.items()})
    add("words a message", "words", {talk: f"{row['words']:.1f}" for talk, row in talks.items()})
    for at, kind in enumerate(KINDS):
        cells = []
        for talk, row in talks.items():
            cells.append(f"{row['mix'][at]:.2f}")
            cells += [f"{real[talk]['mix'][at]:.2f}"] if talk in real else []
        out.add(f"share: {kind}", *cells)
    add(
        "variation of acts",
        "",
        {t: f"{row['variation']:.2f}" for t, row in talks.items() if "variation" in row},
    )
    if any("read" in row for row in talks.values()):
        add("read", "", {talk: from_to(row["read"], 3) for talk, row in talks.items() if "read" in row})
    return [out]


def eval_talk(config: EvalTalkConfig) -> None:
    """Measure how scripted people talk, and print it beside real people."""
    document = measured(config)
    show(document, grids(document), json=config.json)
