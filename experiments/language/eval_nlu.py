"""``chatrec eval-nlu``: how well messages are read, against labels made by hand.

Real dialogues and older sentences are read twice: by the rules alone, and by the reader as in serving. Messages of the
project's own corpus whose families of phrasing were held out, and of the check sets, are read by the reader.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.encoders import CachedEncoder, make_encoder
from chatrec_env.language.learned.heads import shipped_card
from chatrec_env.language.learned.readings import Readings
from chatrec_env.language.message_reader import MessageReader
from chatrec_env.language.parser import Parser
from experiments.cli.options import OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.language.corpus import Message, read_corpus
from experiments.language.dialogue_labels import (
    FITTED,
    OWN_PARTS,
    PARTS,
    Label,
    OwnSentence,
    Signed,
    read_labels,
    read_own,
    read_sentences,
)
from experiments.language.message_measures import PLACES, measure, rows
from experiments.language.tallies import MEASURES, MIN_SUPPORT, Answers, Tally, make_rows
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid
from experiments.report.study import show

SPEED_SAMPLE = 100
"""Messages whose time is taken."""

_FOR = frozenset((UserAct.WANT, UserAct.LIKED_ITEM, UserAct.ACCEPT, UserAct.CHANGE_MIND, UserAct.LIKE_BUT))
_AGAINST = frozenset((UserAct.AVOID, UserAct.DISLIKED_ITEM, UserAct.REJECT, UserAct.TOO, UserAct.ENOUGH_OF))


@dataclass(frozen=True, kw_only=True, slots=True)
class EvalNluConfig:
    """Measure understanding: of real dialogues, of our own corpus and check sets, with 95% intervals.

    The labels ship with the package, the dialogues do not. Dialogues are also read by the rules alone.

    Attributes:
        dialogues: Folder with dialogues-dev.tsv (CCPE-M with the annotations of Sun et al. 2021).
        labels: Another file of labels; default: the one that ships with the package.
        encoder: Encoder of the reader; with another than those of minilm the rules read alone.
        seed: Seed of the bootstrap.
        json: Print the table as JSON.
    """

    dialogues: Path
    labels: OptionalPath = None
    encoder: str = "minilm"
    seed: int = 0
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0)


_VERDICTS = {UserAct.LIKED_ITEM: UserAct.ACCEPT, UserAct.DISLIKED_ITEM: UserAct.REJECT}
_OLD = frozenset(act for act in UserAct if act <= UserAct.ENTITY)
"""Acts that the labels of the dialogues tell of."""


def in_old_terms(acts: Sequence[ParsedAct]) -> frozenset[UserAct]:
    """Acts as the dialogues are labelled.

    A verdict on "it" is ACCEPT or REJECT; acts that came later, and titles the catalogue does not have, are left out.
    """
    told = {
        _VERDICTS.get(act.act, act.act) if act.item < 0 else act.act
        for act in acts
        if act.act in _OLD and not (act.topic and act.act not in (UserAct.WANT, UserAct.AVOID))
    }
    told -= {act.act for act in acts if act.act in (UserAct.WANT, UserAct.AVOID) and act.topic} - {
        act.act for act in acts if not act.topic
    }
    return frozenset(told or {UserAct.SMALL_TALK})


def read_acts(catalog: Catalog, acts: Sequence[ParsedAct]) -> Answers:
    """What was read, by measure."""
    values = frozenset(
        (catalog.value_names[act.value], act.polarity) for act in acts if act.value >= 0 and act.polarity
    )
    people = frozenset(act.polarity for act in acts if act.act == UserAct.ENTITY)
    titles = frozenset(catalog.titles[act.item] for act in acts if act.item >= 0)
    return _answers(catalog, in_old_terms(acts), values, people, titles)


def meant_acts(catalog: Catalog, label: Label) -> Answers:
    """What was meant, by measure; films that the catalogue does not have cannot be found."""
    known = frozenset(catalog.titles)
    titles = frozenset(title for title, sign in label.titles if sign and title in known)
    return _answers(catalog, label.acts, label.values, frozenset(sign for _, sign in label.people), titles)


def _answers(
    catalog: Catalog, acts: frozenset[UserAct], values: Signed, people: frozenset[int], titles: frozenset[str]
) -> Answers:
    genres = frozenset(catalog.facets[0].values)
    signs = {1 for act in acts & _FOR} | {-1 for act in acts & _AGAINST} | people
    return {
        "act": acts,
        "polarity": frozenset(signs),
        "genre": frozenset(one for one in values if one[0] in genres),
        "value": values,
        "title": titles,
    }


Read = Callable[[str], Sequence[ParsedAct]]
"""A way of reading a sentence."""


def tally(
    catalog: Catalog, labels: Sequence[Label], sentences: dict[tuple[int, int], str], read: Read | None = None
) -> Tally:
    """Reads every labelled sentence and counts.

    Args:
        catalog: What is talked about.
        labels: The labels.
        sentences: The sentences, by dialogue and turn.
        read: The way of reading; default: the rules.

    Raises:
        ArtifactError: If a labelled sentence is not among the dialogues.
    """
    read, out = read or Parser(catalog).parse, Tally()
    with Meter().work("reading", len(labels), "sentences") as work:
        for label in labels:
            text = sentences.get((label.dialogue, label.turn))
            if text is None:
                raise ArtifactError(
                    f"The dialogues have no user sentence at dialogue {label.dialogue}, turn {label.turn}: this is not "
                    "the file that was labelled."
                )
            # Where only the question tells liked from disliked, only the title can be read from the sentence.
            measures = ("title",) if label.question else MEASURES
            got = read_acts(catalog, read(text))
            # A film that is only spoken of ("I haven't seen Heat") may be linked or not.
            got["title"] -= {title for title, sign in label.titles if not sign}
            out.add(label.dialogue, meant_acts(catalog, label), got, measures=measures)
            work.add(1)
    return out


def tally_own(own: Sequence[OwnSentence], readers: dict[str, MessageReader], *, rules: bool) -> Tally:
    """Reads sentences of our own and counts, each as a dialogue of its own."""
    out = Tally()
    for i, one in enumerate(own):
        reader = readers[one.catalog]
        catalog = reader.parser.catalog
        acts = reader.parser.parse(one.text) if rules else reader.parse(one.text, after=one.after)
        titles = frozenset(title for title, _ in one.titles)
        meant = _answers(catalog, one.acts, one.values, frozenset(), titles)
        out.add(i, meant, read_acts(catalog, acts), measures=MEASURES)
    return out


def make_table(config: EvalNluConfig, catalog: Catalog) -> dict[str, Any]:
    """All figures of all parts, as plain JSON data."""
    labels, sentences = read_labels(config.labels), read_sentences(config.dialogues)
    reader = MessageReader(Parser(catalog), make_encoder(config.encoder))
    parts = {}
    for part, about in PARTS.items():
        mine = [label for label in labels if label.part == part != FITTED]
        if mine:
            dialogues = sorted({label.dialogue for label in mine})
            rules = tally(catalog, mine, sentences, reader.parser.parse)
            found = tally(catalog, mine, sentences, reader.parse)
            parts[part] = {
                "about": about,
                "dialogues": len(dialogues),
                "sentences": found.sentences,
                "rows": make_rows(found, rules, dialogues, config.seed),
            }
    own: dict[str, Any] = {}
    if config.labels is None:
        parts |= _own_parts(reader, config.seed)
        own = {} if reader.notice else corpus_tables(reader)
    return {
        "format": FORMAT,
        "catalog": catalog.name,
        "encoder": config.encoder,
        "notice": reader.notice,
        "min_support": MIN_SUPPORT,
        "parts": parts,
        "corpus": own,
    }


def corpus_tables(reader: MessageReader) -> dict[str, Any]:
    """The figures of held-out families and of the check sets, and how long a message takes to read."""
    readers = {reader.parser.catalog.name: reader}

    def reader_of(name: str) -> MessageReader:
        if name not in readers:
            readers[name] = MessageReader(Parser(load_catalog(name)), reader.encoder)
        return readers[name]

    corpus, checks = read_corpus(), read_corpus("checks")
    families = frozenset(shipped_card()["held_families"])
    held = [message for message in corpus if message.family in families]
    out: dict[str, Any] = {}
    for name, about, messages in (
        ("held", "our own corpus, families of phrasing that neither fitted nor chose thresholds", held),
        ("checks", "written independently of corpus and reader", checks),
    ):
        if messages:
            found = measure(messages, reader_of, _groups)
            out[name] = {"about": about, "messages": len(messages), "rows": rows(found, "group")}
    out["milliseconds"] = milliseconds(reader, held[:SPEED_SAMPLE])
    return out


def _groups(message: Message) -> tuple[str, ...]:
    return (
        (f"domain {message.domain}", f"kind {message.kind}")
        if message.kind
        else (f"domain {message.domain}",)
    )


def milliseconds(reader: MessageReader, messages: Sequence[Message]) -> float:
    """Median time, in milliseconds, to find mentions in, encode and read a message, one by one and past all caches."""
    encoder = reader.encoder.encoder if isinstance(reader.encoder, CachedEncoder) else reader.encoder
    fresh = MessageReader(reader.parser, encoder, readings=Readings())
    taken = []
    for message in messages:
        after, on_table = PLACES[message.after]
        started = time.perf_counter()
        fresh.parse(message.text, after=after, on_table=on_table)
        taken.append(time.perf_counter() - started)
    return 1e3 * statistics.median(taken) if taken else 0.0


def _own_parts(reader: MessageReader, seed: int) -> dict[str, Any]:
    """The figures of our own sentences, by part."""
    readers = {reader.parser.catalog.name: reader}
    parts = {}
    for part, about in OWN_PARTS.items():
        own = read_own(part)
        for name in {one.catalog for one in own} - set(readers):
            readers[name] = MessageReader(Parser(load_catalog(name)), reader.encoder)
        found = tally_own(own, readers, rules=False)
        rules = tally_own(own, readers, rules=True)
        parts[part] = {
            "about": about,
            "dialogues": len(own),
            "sentences": len(own),
            "rows": make_rows(found, rules, range(len(own)), seed),
        }
    return parts


def grid_of(part: dict[str, Any]) -> Grid:
    """One part for people."""
    out = Grid(
        ("measure", "meant", "precision", "recall", "F1", "95% interval", "rules", "gain"),
        title=f"{part['sentences']} sentences of {part['dialogues']} dialogues ({part['about']})",
    )
    for row in part["rows"]:
        act = row["act"] not in ("", "macro")
        name = f"  {row['act']}" if act else f"{row['measure']} {row['act']}".strip()
        figures = (f"{row[key]:.2f}" for key in ("precision", "recall", "f1"))
        interval = f"{row['f1_low']:.2f}–{row['f1_high']:.2f}"
        gain = f"{row['gain']:+.2f} ({row['gain_low']:+.2f} to {row['gain_high']:+.2f})"
        out.add(name, row["meant"], *figures, interval, f"{row['f1_rules']:.2f}", gain, bold=not act)
    return out


def corpus_grid(part: dict[str, Any]) -> Grid:
    """Messages of the corpus, or of the check sets, for people."""
    out = Grid(
        ("measure", "right", "of", "share", "95% interval"),
        title=f"{part['messages']} messages ({part['about']})",
    )
    for row in part["rows"]:
        interval = f"{row['low']:.2f}–{row['high']:.2f}"
        out.add(row["measure"], row["hits"], row["of"], f"{row['share']:.3f}", interval)
    return out


def eval_nlu(config: EvalNluConfig) -> int:
    """Run the command; returns the exit code."""
    from experiments.cli.terminal import say

    table = make_table(config, load_catalog("movies"))
    corpora = [part for part in table["corpus"].values() if isinstance(part, dict)]
    show(table, [*map(grid_of, table["parts"].values()), *map(corpus_grid, corpora)], json=config.json)
    if not config.json:
        if table["corpus"]:
            say(
                f"A message that was never seen is read in {table['corpus']['milliseconds']:.1f} ms (median)."
            )
        say(
            f"act macro: the mean over acts that at least {MIN_SUPPORT} sentences of the part carry. Intervals: "
            "bootstrap over dialogues, of shares Wilson's. rules: F1 of the rules alone; gain: over them, same draws."
        )
    if table["notice"]:
        say(table["notice"])
    return 0
