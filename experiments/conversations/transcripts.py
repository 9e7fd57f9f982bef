"""A watched conversation as plain data, and its annotated transcripts: functions of that data alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from experiments.report.documents import write_atomic
from experiments.report.page import h, minus, shell

STATED = 0.5
"""Strength from which a wish was stated; weaker ones were read off a title."""


def file_name(policy: str) -> str:
    """A policy's name as part of a file name."""
    return "-".join("".join(c if c.isalnum() else " " for c in policy.lower()).split())


def write_transcript(folder: Path, name: str, talk: Conversation) -> list[Path]:
    """Write ``name.md`` and ``name.html``; returns their paths."""
    paths = [folder / f"{name}.md", folder / f"{name}.html"]
    write_atomic(paths[0], to_markdown(talk))
    write_atomic(paths[1], to_page(talk))
    return paths


def to_markdown(talk: Conversation) -> str:
    """The conversation as Markdown."""
    goal = ", ".join(talk.wanted) or "nothing in particular"
    against = f" They do not want {', '.join(talk.unwanted)}." if talk.unwanted else ""
    lines = [
        f"# {talk.policy} with somebody it had never met",
        "",
        f"`{talk.env}`, seed of the person {talk.person}. Hidden from the agent: they want {goal}.{against}",
        *(["", f"Seen by the agent: {', '.join(talk.setting)}."] if talk.setting else []),
        "",
        f"**Person:** {talk.opening}",
    ]
    for m in talk.moments:
        wishes = ", ".join(f"{name} {strength:+.2f}" for name, strength in m.wishes) or "none yet"
        candidates = "; ".join(
            f"{'**' if c.chosen else ''}{c.place}. {c.title}{f' ({c.year})' if c.year else ''} {c.score:.2f}"
            f"{'**' if c.chosen else ''}"
            for c in m.candidates
        )
        options = "; ".join(f"{o.action} {shown_weight(m, o.weight)}" for o in m.options)
        terms = ", ".join(f"{name} {value:+.2f}" for name, value in m.rewards.items()) or "nothing"
        outcome = f" *(accepted, {m.stars} star{'s' * (m.stars != 1)})*" if m.clicked else ""
        lines += [
            "",
            f"## Turn {m.turn}",
            "",
            f"- wishes heard: {wishes}",
            f"- most open: {', '.join(f'{name} {entropy:.2f}' for name, entropy in m.entropies[:3])}",
            f"- candidates: {candidates}",
            *([f"- {m.basis}: {options}"] if options else []),
            f"- why: {m.action} ({m.why})",
            "",
            f"**System:** {m.system}",
            "",
            f"**Person:** {m.person or '*says nothing*'}{outcome}{' *(left)*' if m.left else ''}",
            "",
            f"- reward: {terms}; return so far {m.total:.2f}; hidden: satisfaction {m.satisfaction:+.2f}",
        ]
    lines += ["", f"Return **{talk.total:.2f}**: {summary(talk)}.", ""]
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


def shown_weight(m: Moment, weight: float) -> str:
    """A probability as a percentage, a value with two decimals."""
    return f"{weight:.0%}" if m.basis == "probability" else f"{weight:.2f}"


def summary(talk: Conversation) -> str:
    """The conversation in one line."""
    stars = [m.stars for m in talk.moments if m.stars]
    rated = f", mean rating {sum(stars) / len(stars):.1f}" if stars else ""
    return (
        f"{talk.clicks} accepted{rated}, {talk.questions} question{'s' if talk.questions != 1 else ''}, "
        f"{len(talk.moments)} turns; {talk.ending}"
    )


def to_html(talk: Conversation) -> str:
    """The conversation as an HTML fragment: bubbles, each turn with its explanation beneath."""
    goal = "".join(chip(name, "want") for name in talk.wanted)
    against = "".join(chip(name, "avoid") for name in talk.unwanted)
    parts = [
        f'<p class="goal"><span class="label">Hidden from the agent</span> {goal}{against}</p>',
        *(
            [f'<p class="goal"><span class="label">Seen by the agent</span> {h(", ".join(talk.setting))}</p>']
            if talk.setting
            else []
        ),
        f'<div class="say person">{h(talk.opening)}</div>',
    ]
    for m in talk.moments:
        parts.append(f'<div class="say system">{h(m.system)}</div>')
        parts.append(_notes(m))
        stars = f'<span class="stars" title="{m.stars} of 5">{"★" * m.stars}{"☆" * (5 - m.stars)}</span>'
        mood = "accepted" if m.clicked else "left" if m.left else ""
        said = h(m.person) or "<em>says nothing</em>"
        tail = stars if m.clicked else ""
        tail += '<span class="gone">leaves</span>' if m.left else ""
        parts.append(f'<div class="say person {mood}">{said} {tail}</div>')
    parts.append(f'<p class="ending"><strong>Return {minus(talk.total)}</strong><br>{h(summary(talk))}</p>')
    return "\n".join(parts)


def chip(text: str, kind: str) -> str:
    """A wish as a small label; the facet's name is left out."""
    return f'<span class="chip {kind}" title="{h(text)}">{h(text.partition(": ")[2] or text)}</span>'


def _notes(m: Moment) -> str:
    """What the agent knew and weighed in a turn, folded to one line."""
    wishes = "".join(
        chip(name, ("want" if strength > 0 else "avoid") + (" weak" if abs(strength) < STATED else ""))
        for name, strength in m.wishes
    )
    terms = " ".join(f"<b>{minus(v, '+.2f')}</b> {h(name)}" for name, v in m.rewards.items()) or "no reward"
    rows = "".join(
        f"<tr{_chosen(c.chosen)}><td>{h(c.title)}{f' <i>{c.year}</i>' if c.year else ''}</td>"
        f"<td>{c.score:.2f}</td><td>{c.wanted:.2f}</td><td>{c.unwanted:.2f}</td><td>{c.overlap:.2f}</td></tr>"
        for c in m.candidates
    )
    top = max((o.weight for o in m.options), default=1.0)
    scale = 1.0 if m.basis == "probability" else max(top, 1e-9)
    options = "".join(
        f"<tr{_chosen(o.chosen)}><td>{h(o.action)}</td><td>{shown_weight(m, o.weight)}</td>"
        f'<td class="bar"><span style="width:{max(0.0, min(1.0, o.weight / scale)):.1%}"></span></td></tr>'
        for o in m.options
    )
    weighed = f'<table class="options"><tr><th>{m.basis}</th></tr>{options}</table>' if options else ""
    entropies = " ".join(f"<span>{h(name)} <b>{entropy:.2f}</b></span>" for name, entropy in m.entropies[:5])
    return (
        f'<details class="why"><summary><span class="turn">{m.turn}</span> '
        f'<span class="because">{short_why(m)}</span> <span class="reward">{terms}</span></summary>'
        f'<p><span class="label">Why</span> {h(m.action)}: {h(m.why)}</p>'
        f'<p><span class="label">Wishes heard</span> {wishes or "none yet"}</p>'
        f'<p class="entropy"><span class="label">Still open</span> {entropies}</p>{weighed}'
        '<table class="candidates"><tr><th>candidate</th><th>score</th><th>wanted</th><th>unwanted</th>'
        f"<th>overlap</th></tr>{rows}</table>"
        f'<p class="label">Return so far {minus(m.total)}; satisfaction (hidden) {minus(m.satisfaction, "+.2f")}</p>'
        "</details>"
    )


def short_why(m: Moment) -> str:
    """Why, in three words; the details tell the rest."""
    weight = next((o.weight for o in m.options if o.chosen), None)
    if m.basis == "rule" or weight is None:
        return "by rule" if m.basis == "rule" else "untried state: best candidate"
    return f"probability {weight:.0%}" if m.basis == "probability" else f"value {weight:.2f}"


def _chosen(chosen: bool) -> str:
    return ' class="chosen"' if chosen else ""


def to_page(talk: Conversation) -> str:
    """A page of its own for one conversation, every explanation open."""
    title = f"{talk.policy} with somebody it had never met"
    unfolded = to_html(talk).replace('<details class="why">', '<details class="why" open>')
    return shell(
        title=title,
        kicker=f"annotated conversation &middot; {h(talk.env)} &middot; seed of the person {talk.person}",
        headline=title,
        body=f'<section class="talk">\n{unfolded}\n</section>',
        kind="single",
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A candidate on the table: its place, title, estimated utility, and what it meets or repeats."""

    place: int
    title: str
    year: int
    score: float
    wanted: float
    unwanted: float
    overlap: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Option:
    """An action that was weighed; ``weight`` is a probability or a value (``Moment.basis``)."""

    action: str
    weight: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One turn, from what was known before it to what came of it.

    Attributes:
        turn: From 1.
        wishes: Strongest stated wishes, ``("genre: thriller", strength)``; negative is unwanted.
        entropies: How open each facet is, in [0, 1], widest first.
        candidates: The best candidates, and the chosen one wherever it lies.
        basis: ``"probability"``, ``"value"`` or ``"rule"``: what the options' weights are.
        options: The best legal actions.
        action: What was done, in words.
        why: Why, in words.
        system: What the system said.
        person: What the person answered.
        clicked: Whether the suggestion was accepted.
        stars: Its rating, 0 if none.
        left: Whether the person walked out.
        rewards: Reward terms other than zero.
        total: Return so far.
        satisfaction: The person's, in [-1, 1]; hidden from the agent.
    """

    turn: int
    wishes: list[tuple[str, float]]
    entropies: list[tuple[str, float]]
    candidates: list[Shown]
    basis: str
    options: list[Option]
    action: str
    why: str
    system: str
    person: str
    clicked: bool
    stars: int
    left: bool
    rewards: dict[str, float]
    total: float
    satisfaction: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole conversation.

    Attributes:
        policy: Who decided.
        env: Environment id.
        person: Environment seed of the person: the same seed is the same person in the same mood.
        wanted: What they came for, hidden from the agent.
        unwanted: What they did not want, hidden too.
        opening: Their first words.
        setting: The time of day and the device, as the agent saw them; empty where it saw none.
        moments: The turns.
        ending: How it ended, in words.
    """

    policy: str
    env: str
    person: int
    wanted: list[str]
    unwanted: list[str]
    opening: str
    moments: list[Moment] = field(default_factory=list)
    ending: str = ""
    setting: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """Return of the conversation."""
        return self.moments[-1].total if self.moments else 0.0

    @property
    def clicks(self) -> int:
        """Suggestions accepted."""
        return sum(m.clicked for m in self.moments)

    @property
    def questions(self) -> int:
        """Turns without a suggestion."""
        return sum("ask" in m.rewards for m in self.moments)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {**asdict(self), "return": self.total, "clicks": self.clicks, "questions": self.questions}
