"""``chatrec watch``: one conversation, turn by turn, with what the agent believed and why it acted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from chatrec_env.errors import ConfigError
from experiments.cli.options import EnvOptions, OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, output, print_json, say
from experiments.conversations.tracing import trace
from experiments.conversations.transcripts import (
    Conversation,
    Moment,
    file_name,
    shown_weight,
    summary,
    write_transcript,
)
from experiments.evaluate.evaluate import Contender, check_heeded, find_policies
from experiments.evaluate.rollout import people_seeds
from experiments.report.runlog import RUN, Run

if TYPE_CHECKING:
    from rich.console import RenderableType

BAR = 12
"""Width of a bar of weight 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchConfig(EnvOptions):
    """Watch one conversation turn by turn: what was said, what the agent believed, why it acted.

    Every turn shows the strongest wishes heard, how open each facet still is, the candidates with their
    scores, the policy's probabilities (or values), the reward terms and, hidden from the agent, how satisfied
    the person is. The conversation is also written as an annotated Markdown and HTML transcript.

    Attributes:
        policy: A run folder, a policy folder, or the name of a heuristic.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        person: Which of the unseen people, from 0.
        seed: Which people.
        out: Folder of the transcripts; default: transcripts/ in the run folder, or runs/transcripts.
        json: Print everything as JSON.
    """

    policy: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")]
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    person: int = 0
    seed: int = 0
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0)
        if self.person < 0:
            raise ConfigError(f"--person counts from 0, got {self.person}.")


def choose_policy(policy: str, agent: str | None, options: EnvOptions) -> tuple[Contender, Path | None]:
    """One policy, and the run folder it came from if it did.

    Raises:
        ConfigError: If the run folder holds several and none, or an unknown one, was named; an agent where there is
            no run folder; or options of the environment that the policy does not act in.
    """
    folder = Path(policy)
    run = folder if (folder / RUN).exists() else None
    if agent is not None and run is None:
        raise ConfigError(
            f"--agent chooses from a run folder, and {policy} is none: leave out --agent {agent}."
        )
    named = policy if run is None else str(Run.open(folder).choose(agent))
    found = find_policies([named], options.config())
    check_heeded(options, found)
    return found[0], run


def watch(config: WatchConfig) -> int:
    """Run the command; returns its exit code."""
    meter = Meter()
    with meter.work("Loading the policy, the catalogue and the sentence encoder"):
        contender, run = choose_policy(config.policy, config.agent, config)
        seed = people_seeds("eval", config.seed, config.person + 1)[-1]
        talk = trace(contender, seed)
    folder = config.out or (run or Path("runs")) / "transcripts"
    paths = write_transcript(folder, f"{file_name(contender.name)}-person-{config.person}", talk)
    if config.json:
        print_json(talk.to_dict())
    else:
        console = output()
        for part in panels(talk):
            console.print(part)
    say("Also written: " + ", ".join(f"[bold]{clean(path)}[/bold]" for path in paths))
    return 0


def panels(talk: Conversation) -> list[RenderableType]:
    """The conversation for a terminal."""
    from rich.panel import Panel

    goal = ", ".join(talk.wanted) or "nothing in particular"
    lines = [
        f"[bold]{clean(talk.policy)}[/bold] in {clean(talk.env)}, person {talk.person}",
        f"[dim]hidden from the agent:[/dim] wants {clean(goal)}"
        + (f"; does not want {clean(', '.join(talk.unwanted))}" if talk.unwanted else ""),
        *([f"[dim]seen by the agent:[/dim] {clean(', '.join(talk.setting))}"] if talk.setting else []),
        f"[bold cyan]person[/bold cyan]  {clean(talk.opening)}",
    ]
    parts: list[RenderableType] = [Panel("\n".join(lines), border_style="dim")]
    parts += [_panel(m) for m in talk.moments]
    parts.append(f"[bold]Return {talk.total:.2f}[/bold]: {clean(summary(talk))}.\n")
    return parts


def _panel(m: Moment) -> RenderableType:
    from rich.columns import Columns
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table

    belief = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    belief.add_row("[dim]wishes heard[/dim]", "")
    for name, strength in m.wishes or [("none yet", 0.0)]:
        mark = (
            ""
            if not strength
            else f"[green]+{strength:.2f}[/green]"
            if strength > 0
            else f"[red]{strength:.2f}[/red]"
        )
        belief.add_row(clean(name), mark)
    belief.add_row("[dim]most open (entropy)[/dim]", "")
    for name, entropy in m.entropies[:3]:
        belief.add_row(clean(name), f"{entropy:.2f}")
    table = Table(box=None, show_header=True, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
    for head in ("candidate", "score", "wanted", "unwanted", "overlap"):
        table.add_column(head, justify="left" if head == "candidate" else "right")
    for c in m.candidates:
        year = f" ({c.year})" if c.year else ""
        cells = (
            f"{c.place}. {clean(c.title)}{year}",
            *(f"{x:.2f}" for x in (c.score, c.wanted, c.unwanted, c.overlap)),
        )
        table.add_row(*cells, style="bold" if c.chosen else "")
    options = Table(box=None, show_header=True, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
    options.add_column(m.basis)
    options.add_column("")
    options.add_column("")
    top = max((abs(o.weight) for o in m.options), default=1.0) or 1.0
    for o in m.options:
        scale = 1.0 if m.basis == "probability" else top
        options.add_row(
            clean(o.action),
            shown_weight(m, o.weight),
            "█" * max(0, round(BAR * o.weight / scale)),
            style="bold" if o.chosen else "",
        )
    weighed: list[RenderableType] = [options] if m.options else []
    outcome = []
    if m.clicked:
        outcome.append(f"[green]accepted, {m.stars} star{'s' * (m.stars != 1)}[/green]")
    if m.left:
        outcome.append("[red]left[/red]")
    terms = ", ".join(f"{name} {value:+.2f}" for name, value in m.rewards.items()) or "nothing"
    words = (
        f"[bold yellow]system[/bold yellow]  {clean(m.system)}\n"
        f"[bold cyan]person[/bold cyan]  {clean(m.person) or '[dim]says nothing[/dim]'}"
        + (f"  {' '.join(outcome)}" if outcome else "")
    )
    why = (
        f"[dim]why:[/dim] {clean(m.action)} ({clean(m.why)})\n"
        f"[dim]reward:[/dim] {terms}; return so far {m.total:.2f}   "
        f"[dim]hidden: satisfaction {m.satisfaction:+.2f}[/dim]"
    )
    body = Group(Columns([belief, table, *weighed], padding=(0, 3)), "", words, why)
    return Panel(
        body, title=f"turn {m.turn}", title_align="left", border_style="green" if m.clicked else "dim"
    )
