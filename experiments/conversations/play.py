"""``chatrec play``: scripted conversations in the manner of real people, played against a policy as it is served."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import tyro

from chatrec_env.errors import ArtifactError
from experiments.cli.options import EnvOptions, OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.cli.terminal import print_json, say
from experiments.conversations.watch import choose_policy
from experiments.evaluate.evaluate import Contender, task_of
from experiments.report.runlog import check_new_file

if TYPE_CHECKING:
    from agents.serving.replies import Reply
    from agents.serving.served import ServedPolicy
    from agents.serving.talk.talking import TalkingConversation
    from chatrec_env.catalog import Catalog
    from chatrec_env.core.kernel import Task

SCRIPTS = Path(__file__).with_name("scripts.json")
DOMAINS = {"films": "movies"}
"""Catalogue of a script's domain, where it has another name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayConfig(EnvOptions):
    """Play scripted conversations against a policy as it is served, and count what goes wrong.

    The scripts say what each person writes and what they will not have (experiments/conversations/scripts.json and its
    rules). The transcripts are printed as Markdown, or written to a file.

    Attributes:
        policy: A run folder, a policy folder, or the name of a heuristic.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        scripts: Another file of scripts.
        out: Markdown file to write; default: print.
        seed: Varies the wording.
        json: Print counts and transcripts as JSON.
    """

    policy: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")]
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    scripts: Path = SCRIPTS
    out: OptionalPath = None
    seed: int = 0
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0)


@dataclass(slots=True)
class Terms:
    """What a person holds on to: what is shown must keep to it."""

    wants: list[str] = field(default_factory=list)  # values; either of two joined by "|"
    avoids: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)  # titles
    breaks: list[str] = field(default_factory=list)  # titles that break it though no value tells
    limits: dict[str, list[float | None]] = field(default_factory=dict)  # by facet: least and greatest number

    def add(self, more: dict[str, Any]) -> None:
        """More of them."""
        self.wants += more.get("wants", [])
        self.avoids += more.get("avoids", [])
        self.excluded += more.get("excluded", [])
        self.breaks += more.get("breaks", [])
        self.limits.update(more.get("limits", {}))

    def broken(self, catalog: Catalog, item: int) -> list[str]:
        """What an item breaks, in words."""
        has = {name for name, held in zip(catalog.value_names, catalog.values[item], strict=True) if held}
        out = [f"lacks {wish}" for wish in dict.fromkeys(self.wants) if not has & set(wish.split("|"))]
        out += [f"is {value}" for value in dict.fromkeys(self.avoids) if value in has]
        out += ["was excluded"] if catalog.titles[item] in self.excluded else []
        out += ["is known to break it"] if catalog.titles[item] in self.breaks else []
        for facet, (low, high) in self.limits.items():
            number = float(catalog.numbers[item, catalog.facet_index(facet)])
            least, most = -math.inf if low is None else low, math.inf if high is None else high
            if math.isfinite(number) and not least <= number <= most:
                out.append(f"{facet} is {number:g}")
        return out


@dataclass(slots=True)
class Turn:
    """One exchange.

    Attributes:
        line: What the person wrote.
        reply: What the system said.
        act: What it did.
        cards: Titles shown.
        understood: What was read.
        not_understood: What was not.
        faults: Constraints broken, items repeated, reasons unstated, questions unanswered.
    """

    line: str
    reply: str
    act: str
    cards: list[str]
    understood: list[str]
    not_understood: list[str]
    faults: dict[str, list[str]]


KINDS = ("constraint", "repeated", "reason", "question")
"""Kinds of faults that are counted."""


def play(config: PlayConfig) -> int:
    """Run the command; returns its exit code."""
    check_new_file(config.out)
    scripts = read_scripts(config.scripts)
    contender, _ = choose_policy(config.policy, config.agent, config)
    catalog = contender.env.catalog
    mine = [one for one in scripts if DOMAINS.get(one["domain"], one["domain"]) == catalog]
    if not mine:
        raise ArtifactError(
            f"{config.scripts} has no conversation in the domain of the catalogue {catalog!r}."
        )
    with Meter().work("Playing the conversations"):
        player = Player(contender, config.seed)
        played = {one["name"]: player.play(one) for one in mine}
    if config.json:
        rows = {name: [vars_of(turn) for turn in turns] for name, turns in played.items()}
        print_json({"policy": contender.name, "counts": counts(played), "conversations": rows})
    elif config.out is None:
        print(markdown(contender.name, mine, played))
    else:
        config.out.parent.mkdir(parents=True, exist_ok=True)
        config.out.write_text(markdown(contender.name, mine, played), encoding="utf-8")
        say(f"Written: {config.out}. {summary(played)}")
    return 0


def read_scripts(path: Path) -> list[dict[str, Any]]:
    """The conversations of a file of scripts.

    Raises:
        ArtifactError: If there is none, or it is of another form.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["conversations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{path} is no file of scripts ({error}). See {SCRIPTS.name} for the form."
        ) from error
    return list(found)


class Player:
    """Writes the lines of scripts to a policy as it is served.

    Args:
        contender: The policy and where it acts.
        seed: Varies the wording.
    """

    def __init__(self, contender: Contender, seed: int) -> None:
        from agents.export import check_single
        from agents.serving.served import ServedRule

        check_single(contender.env)
        self._task: Task = task_of(contender)
        self._policy: ServedPolicy = ServedRule(contender.policy)
        self._seed = seed

    def play(self, script: dict[str, Any]) -> list[Turn]:
        """The turns of one conversation."""
        from agents.serving.message_text import split_sentences
        from agents.serving.replies import Chance
        from agents.serving.talk.talking import TalkingConversation
        from agents.serving.talk.turn import reply_to

        talk = TalkingConversation(self._task)
        rng = np.random.default_rng([self._seed, len(script["name"])])
        terms = Terms()
        terms.add(script)
        left, turns, shown = list(script["lines"]), [], [-1]
        act = ""
        for number in range(script["turns"]):
            line = next_line(left, act, last=number == script["turns"] - 1)
            if line is None:
                break
            terms.add(line.get("adds", {}))
            first, second = rng.integers(0, 6, 2).tolist()
            before = talk.focus
            message = talk.understand(split_sentences(line["say"]))
            reply, _ = reply_to(
                talk, self._policy, Chance((first, second), float(rng.random())), message.sentences
            )
            faults = self._faults(talk, reply, terms, shown, before, bool(message.asks))
            turns.append(told(line["say"], reply, faults))
            shown += [item for item in (reply.about,) if item >= 0]
            act = "recommend" if reply.about >= 0 else "ask" if reply.act in ("ask", "confirm") else ""
        return turns

    def _faults(
        self,
        talk: TalkingConversation,
        reply: Reply,
        terms: Terms,
        shown: Sequence[int],  # items talked about so far
        before: int,
        asked: bool,
    ) -> dict[str, list[str]]:
        catalog = self._task.manager.catalog
        out: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for card in reply.cards:
            out["constraint"] += [f"{card.title} {what}" for what in terms.broken(catalog, card.item)]
            out["repeated"] += [card.title] if card.item in shown else []
        out["reason"] = unstated(talk, reply)
        out["question"] = ["not answered"] if asked and before >= 0 and not reply.answer else []
        return out


def unstated(talk: TalkingConversation, reply: Reply) -> list[str]:
    """Reasons of a reply that are no wish the person stated: values it was said they asked for."""
    grammar, d = talk.task.manager.grammar, talk.dialogue
    from chatrec_env.language import Form

    reasons = [said.text for said in reply.said if said.part == "explanation"]
    out = []
    for value in np.flatnonzero(~d.memory.stated[0]):
        worded = {
            grammar.text(int(grammar.ids(Form.S_EXPLAIN_VALUE, int(value), style))) for style in range(6)
        }
        out += [text for text in reasons if text in worded]
    return out


def next_line(left: list[dict[str, Any]], act: str, *, last: bool) -> dict[str, Any] | None:
    """The next line of a script, taken out of those left; by the scripts' rules."""
    for line in left:
        if (line["when"] == "end") if last else (line["when"] == "any" or line["when"] == act):
            left.remove(line)
            return line
    return next_line(left, act, last=True) if not last else None


def told(line: str, reply: Reply, faults: dict[str, list[str]]) -> Turn:
    """An exchange as it is shown."""
    return Turn(
        line=line,
        reply=" ".join(said.text for said in reply.said),
        act=reply.act,
        cards=[card.title + (f" ({card.year})" if card.year else "") for card in reply.cards],
        understood=[f"{heard.kind} {heard.text}" for heard in reply.heard],
        not_understood=list(reply.not_understood),
        faults={kind: found for kind, found in faults.items() if found},
    )


def vars_of(turn: Turn) -> dict[str, Any]:
    """A turn as JSON data."""
    return {name: getattr(turn, name) for name in Turn.__dataclass_fields__}


def counts(played: dict[str, list[Turn]]) -> dict[str, int]:
    """Replies, and faults by kind."""
    turns = [turn for some in played.values() for turn in some]
    return {
        "replies": len(turns),
        **{kind: sum(len(t.faults.get(kind, [])) for t in turns) for kind in KINDS},
    }


def summary(played: dict[str, list[Turn]]) -> str:
    """The counts in a sentence."""
    n = counts(played)
    return (
        f"{n['replies']} replies: {n['constraint']} constraints broken, {n['repeated']} items repeated, "
        f"{n['reason']} reasons that were not stated, {n['question']} questions without an answer."
    )


def markdown(policy: str, scripts: Sequence[dict[str, Any]], played: dict[str, list[Turn]]) -> str:
    """The transcripts."""
    lines = [f"Played against *{policy}*. {summary(played)}", ""]
    for script in scripts:
        lines += [f"## {script['name'].capitalize()}", "", script["person"], ""]
        for turn in played[script["name"]]:
            lines += [f"**Person:** {turn.line}  ", f"**System:** {turn.reply}  "]
            notes = [f"understood: {', '.join(turn.understood)}"] if turn.understood else []
            notes += [f"not understood: {'; '.join(turn.not_understood)}"] if turn.not_understood else []
            notes += [f"also on the table: {', '.join(turn.cards[1:])}"] if turn.cards[1:] else []
            notes += [f"**{kind}: {'; '.join(found)}**" for kind, found in turn.faults.items()]
            lines += [f"<sub>{'. '.join(notes)}</sub>" if notes else "", ""]
    return "\n".join(lines)
