"""What was seen of a conversation, turn by turn, read off the visible state alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agents.bayes_planner.likelihood import Seen
from chatrec_env.core.state import ACCEPTED, Dialogue
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.language import Grammar
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.grammar import FORMS
from simulators.scripted.opening import CONTEXT, WANT_PAIR
from simulators.scripted.sentences import CLOSING, EXTRA, OPENING, REPLY
from simulators.scripted.talk import (
    ACCEPT_COOL,
    ACCEPT_PLAIN,
    ACCEPT_WARM,
    AVOID,
    CHANGE_MIND,
    GREET,
    LEAVE_UNHAPPY,
    LIKE_BUT,
    SEEN_IT,
    THANK_LEAVE,
    WANT,
)

STARS = {ACCEPT_WARM: 5, ACCEPT_PLAIN: 4, ACCEPT_COOL: 0}
"""Stars that the form of an acceptance tells; 0 where it leaves one to three."""


class Sentences:
    """Forms and arguments of sentence ids, many at once."""

    def __init__(self, grammar: Grammar) -> None:
        first = np.array([form.argument is Argument.STARS for form in FORMS])
        self._starts, self._strides = grammar.starts.astype(np.int64), grammar.strides.astype(np.int64)
        self._first = self._starts + first * self._strides

    def read(self, ids: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Forms and arguments, -1 and 0 where an id is -1."""
        form = np.searchsorted(self._first, ids, side="right") - 1
        arg = (ids - self._starts[form]) // self._strides[form]
        return np.where(ids < 0, -1, form), np.where(ids < 0, 0, arg)


def turn_seen(grammar: Grammar, dialogue: Dialogue, n: int, turn: int) -> Seen:
    """A turn of conversation ``n``, the opening being turn 0.

    Stars of the last turn are those given. Of an earlier one the state holds what was said of it: of three stars or
    fewer it is taken that all were the mean of what is left of their sum.
    """
    row = dialogue.transcript[n, turn]
    last = turn == dialogue.turn[n]
    facet, item, reason = -1, -1, -1
    for sentence in row[:-USER_SENTENCES].tolist():
        if sentence < 0:
            continue
        form, arg, _ = grammar.describe(sentence)
        facet = arg if form is Form.S_ASK else facet
        item = arg if form is Form.S_ITEM else item
        reason = arg if form is Form.S_EXPLAIN_VALUE else reason
    forms, args = np.full(USER_SENTENCES, -1), np.zeros(USER_SENTENCES, np.int64)
    for place, sentence in enumerate(row[-USER_SENTENCES:].tolist()):
        if sentence >= 0:
            form, args[place], _ = grammar.describe(sentence)
            forms[place] = FORMS.index(form)
    said = int(forms[OPENING])
    click = bool(dialogue.outcome[n] == ACCEPTED) if last and turn else said in STARS
    stars = 0
    if click:
        stars = int(dialogue.last_stars[n]) if last else (STARS[said] or cool_stars(grammar, dialogue, n))
    back = forms[REPLY] in (THANK_LEAVE, LEAVE_UNHAPPY) and forms[EXTRA] == GREET
    return Seen(facet, item, reason, click, stars, said == SEEN_IT, bool(back), forms, args)


def cool_stars(grammar: Grammar, dialogue: Dialogue, n: int) -> int:
    """What the items that were accepted coolly had on average, 1 to 3."""
    sentences = dialogue.transcript[n, 1:, -USER_SENTENCES].tolist()
    forms = [FORMS.index(grammar.describe(s)[0]) for s in sentences if s >= 0]
    known = [STARS[form] for form in forms if form in STARS]
    left = int(dialogue.stars[n]) - sum(known)
    return int(min(max(round(left / max(known.count(0), 1)), 1), 3))


class Stated:
    """Wishes that were stated so that the goal must hold them: what particles' goals are drawn under.

    Attributes:
        wanted: Values that are wanted.
        unwanted: Values that are avoided.
        context: Company, -1 if none; None where that was not told.
    """

    def __init__(self, grammar: Grammar, history: Sequence[Seen], tells_context: bool) -> None:
        opening = history[0]
        self.context: int | None = None
        if tells_context:
            self.context = int(opening.args[OPENING]) if opening.forms[OPENING] == CONTEXT else -1
        wanted, unwanted = set(), set()
        for form, arg in zip(opening.forms.tolist(), opening.args.tolist(), strict=True):
            if form == WANT:
                wanted.add(arg)
            elif form == WANT_PAIR:
                wanted |= set(grammar.pair_values(arg))
            elif form == AVOID:
                unwanted.add(arg)
        for seen in history[1:]:
            # What is named in answer to a question may be a taste; what is volunteered is a wish.
            if seen.item >= 0 and seen.forms[REPLY] in (WANT, LIKE_BUT):
                wanted.add(int(seen.args[REPLY]))
            if seen.back and seen.forms[CLOSING] == WANT:
                wanted.add(int(seen.args[CLOSING]))
        changed = {int(s.args[REPLY]) for s in history[1:] if s.forms[REPLY] == CHANGE_MIND}
        self.wanted, self.unwanted = sorted(wanted - changed), sorted(unwanted)
