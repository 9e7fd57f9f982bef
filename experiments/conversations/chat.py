"""``chatrec chat``: a person talks to a policy in the terminal, over the service's own conversation code."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import tyro

from agents.policies import shipped_policy
from experiments.cli.options import EnvOptions, check_least
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, output
from experiments.conversations.watch import choose_policy
from experiments.evaluate.evaluate import Contender, task_of
from experiments.evaluate.rollout import STREAMS

if TYPE_CHECKING:
    from agents.serving.explain import Wish
    from agents.serving.replies import Reply
    from agents.serving.talk.talking import TalkingConversation

HELP = (
    "Say what you feel like. To a suggestion, answer y to accept it, 1 to 5 stars if you know it, n to turn "
    "it down, {more}. /why explains the suggestion, /wishes lists what was "
    "understood, /forget N and /turn N take one of these back or turn it round, /quit ends."
)
"""What can be said; ``more`` depends on what is read, see ``Talk.help``."""


ASKING = "say what is wrong with it, or ask about it"

COMMANDS = ("/why", "/wishes", "/forget N", "/turn N", "/help", "/quit")
"""What a line may be that begins with a slash."""


LIKED = 3
"""Stars from which an item is taken; with fewer it was tried and is turned down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatConfig(EnvOptions):
    """Talk to a policy: say what you want, accept or turn down what it suggests.

    It reads, tracks and answers with the code of the environment and of the service. Input may be piped, one
    message a line.

    Attributes:
        policy: A run folder, a policy folder, or the name of a heuristic; default: the policy that comes with the
            package for --catalog.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        seed: Varies the wording.
    """

    policy: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY", help_behavior_hint="")] = ""
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    seed: int = 0

    def __post_init__(self) -> None:
        check_least(self, seed=0)


class Talk:
    """One conversation with the person at the terminal.

    Args:
        contender: The policy and where it acts.
        seed: Varies the wording.
    """

    def __init__(self, contender: Contender, seed: int) -> None:
        from agents.export import check_single
        from agents.serving.served import ServedRule
        from agents.serving.talk.talking import TalkingConversation

        check_single(contender.env)
        self.task = task_of(contender)
        self.policy = ServedRule(contender.policy)
        self.conversation: TalkingConversation = TalkingConversation(self.task)
        self.generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(STREAMS["policy"],)))
        self.reply: Reply | None = None
        self.suggested: Reply | None = None  # the latest reply with cards
        self.console = output()

    def help(self) -> str:
        """What can be said to it: no questions where they are not read."""
        read = "or say what is wrong with it" if self.conversation.reader.notice else ASKING
        return HELP.format(more=read)

    def greeting(self) -> str:
        """The system's first words."""
        from chatrec_env.language import Form

        grammar = self.task.manager.grammar
        return grammar.text(int(grammar.ids(Form.S_GREET, 0, self._wording()[0])))

    def _wording(self) -> tuple[int, int]:
        from chatrec_env.language.forms import N_VARIANTS

        opener, explanation = self.generator.integers(0, N_VARIANTS, 2).tolist()
        return opener, explanation

    @property
    def offered(self) -> int:
        """The item that is talked about, -1 if there is none."""
        return self.conversation.focus

    def answer(self, text: str) -> Reply:
        """The system's answer to a message."""
        from agents.serving.message_text import split_sentences
        from agents.serving.replies import Chance
        from agents.serving.talk.turn import reply_to

        words = self._short(text) or split_sentences(text)
        uniform = float(self.generator.random())
        chance = Chance(self._wording(), uniform)
        self.reply, _ = reply_to(self.conversation, self.policy, chance, words)
        if self.reply.cards:
            self.suggested = self.reply
        return self.reply

    def _short(self, text: str) -> list[str] | None:
        """The words behind stars for a suggestion (1 to 5); None if it is none."""
        from chatrec_env.language import Form

        short = text.strip().lower()
        if self.offered < 0:
            return None
        grammar = self.task.manager.grammar

        def words(form: Form, arg: int = 0) -> list[str]:
            return [grammar.text(int(grammar.ids(form, arg, 2)))]

        if short in ("1", "2", "3", "4", "5"):
            self.conversation.click(self.offered)
            self.conversation.rate(self.offered, int(short))
            first = Form.ACCEPT_PLAIN if int(short) >= LIKED else Form.REJECT_MILD
            return [*words(first), *words(Form.RATE, int(short))]
        return None

    def show(self, reply: Reply) -> None:
        """Print what the system says."""
        heard = ", ".join(f"{h.kind} {h.text}" for h in reply.heard)
        missed = "; ".join(reply.not_understood)
        for label, told in (("understood", heard), ("not understood", missed)):
            if told:
                self.console.print(f"        [dim]{label}: {clean(told)}[/dim]", soft_wrap=True)
        said = " ".join(part.text for part in reply.said)
        self.console.print(f"[bold yellow]system[/bold yellow]  {clean(said)}", soft_wrap=True)
        if reply.cards:
            card = reply.cards[0]
            facts = "; ".join(f"{f.label} {', '.join(f.values)}" for f in card.facts)
            self.console.print(f"        [dim]{clean(facts)}[/dim]", soft_wrap=True)
            others = ", ".join(
                f"{place}. {other.title}" + (f" ({other.year})" if other.year else "")
                for place, other in enumerate(reply.cards[1:], 2)
            )
            if others:
                self.console.print(f"        [dim]also: {clean(others)}[/dim]", soft_wrap=True)
            self.console.print("        [dim]y / n / 1-5 / your own words[/dim]")

    def why(self) -> str:
        """Why the last suggestion stands, by the wishes that are understood now."""
        from agents.serving.explain import explain

        if self.suggested is None:
            return "Nothing was suggested yet."
        card, parts, talk = self.suggested.cards[0], [], self.conversation
        why = explain(self.task.manager, talk.dialogue, card.item, talk.liked, talk.bounds)
        if why.meets:
            parts.append("meets your wish for " + ", ".join(w.value for w in why.meets))
        if why.misses:
            parts.append("misses " + ", ".join(w.value for w in why.misses))
        if why.conflicts:
            parts.append("runs into " + ", ".join(w.value for w in why.conflicts))
        if why.resembles:
            parts.append("resembles " + ", ".join(x.title for x in why.resembles))
        place = f"ranked {card.rank} of {card.candidates} candidates"
        return f"{card.title}: " + "; ".join([*parts, place]) + "."

    def stated(self) -> tuple[Wish, ...]:
        """What the system believes the person wants."""
        from agents.serving.explain import stated_wishes

        talk = self.conversation
        return stated_wishes(self.task.manager, talk.dialogue, talk.bounds)

    def wishes(self) -> str:
        """The same in words, numbered."""
        if not (stated := self.stated()):
            return "No wishes understood yet."
        told = (
            f"{i}. {'+' if w.strength > 0 else '−'} {w.facet}: {w.value}" for i, w in enumerate(stated, 1)
        )
        return "Understood so far: " + ", ".join(told)

    def correct(self, command: str, number: str) -> str:
        """Take back (``/forget``) or turn round (``/turn``) the wish of a number; returns what is understood now."""
        stated = self.stated()
        if not number.isdecimal() or not 1 <= int(number) <= len(stated):
            return f"Expected {command} and the number of a wish, got {number!r}. {self.wishes()}"
        wish = stated[int(number) - 1]
        turned = "avoided" if wish.strength > 0 else "wanted"
        self.conversation.correct(wish.id, turned if command == "/turn" else "none")
        return self.wishes()


def chat(config: ChatConfig) -> int:
    """Run the command; returns its exit code."""
    from agents.serving.message_text import MAX_CHARACTERS
    from agents.serving.talk.likeness import prepare
    from chatrec_env.language.encoders.cache import unkept

    with Meter().work("Loading the policy, the catalogue and the sentence encoder"):
        policy = config.policy or str(shipped_policy(config.catalog))
        contender, _ = choose_policy(policy, config.agent, config)
        talk = Talk(contender, config.seed)
        prepare(talk.task.manager)  # else the first question would wait for it
    console = talk.console
    console.print(
        f"[dim]{clean(contender.name)} in {clean(talk.task.manager.catalog.name)}. {talk.help()}[/dim]\n",
        soft_wrap=True,
    )
    if talk.conversation.reader.notice:
        console.print(f"[dim]{clean(talk.conversation.reader.notice)}[/dim]\n", soft_wrap=True)
    console.print(f"[bold yellow]system[/bold yellow]  {clean(talk.greeting())}", soft_wrap=True)
    while (text := read_line()) is not None:
        text = text.strip()
        command = text.lower()
        if not text:
            continue
        if command in ("/quit", "/exit", "/q"):
            break
        if command == "/help":
            console.print(f"[dim]{talk.help()}[/dim]", soft_wrap=True)
        elif command == "/why":
            console.print(f"[dim]{clean(talk.why())}[/dim]", soft_wrap=True)
        elif command == "/wishes":
            console.print(f"[dim]{clean(talk.wishes())}[/dim]", soft_wrap=True)
        elif command.split()[0] in ("/forget", "/turn"):
            told = talk.correct(command.split()[0], command[len(command.split()[0]) :].strip())
            console.print(f"[dim]{clean(told)}[/dim]", soft_wrap=True)
        elif command.startswith("/"):
            told = f"No command {text!r:.60}. Known: {', '.join(COMMANDS)}."
            console.print(f"[dim]{clean(told)}[/dim]", soft_wrap=True)
        elif len(text) > MAX_CHARACTERS:
            told = f"Expected at most {MAX_CHARACTERS:,} characters, got {len(text):,}. Say it shorter."
            console.print(f"[dim]{told}[/dim]", soft_wrap=True)
        else:
            with unkept():
                reply = talk.answer(text)
            talk.show(reply)
            if reply.ended:
                break
    taken = talk.conversation.clicked
    catalog = talk.task.manager.catalog
    told = ", ".join(f"{catalog.titles[i]}{f' ({stars}/5)' if stars else ''}" for i, stars in taken.items())
    console.print(
        f"\n[dim]{talk.conversation.turn} turns; accepted: {clean(told) or 'nothing'}.[/dim]", soft_wrap=True
    )
    return 0


def read_line() -> str | None:
    """The person's next line; None at the end of input. Piped input is echoed, for a readable transcript."""
    if sys.stdin.isatty():
        try:
            return input("you     ")
        except EOFError:
            return None
    line = sys.stdin.readline()
    if not line:
        return None
    output().print(f"[bold cyan]you[/bold cyan]     {clean(line.strip())}", soft_wrap=True)
    return line
