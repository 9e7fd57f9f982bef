"""The service's turn in a conversation with somebody who types: what it does, says and shows.

The policy decides what it was trained to decide: whether to ask, and what to recommend. What it was not trained for is
done here: an acceptance closes warmly, a question is answered and keeps its card (where the policy has no action for
that), and what was not understood is said not to be. Whatever is shown keeps to what the person said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.serving.cards import MOST_CARDS, Card, facts, make_cards, understood
from agents.serving.explain import stated_wishes
from agents.serving.replies import Chance, Move, Reply, Said, answers_to
from agents.serving.talk import likeness
from agents.serving.talk.fitting import passed_over, suspects
from agents.serving.talk.message import OTHERS, POLITE, WISHING, Message, fulfils
from agents.serving.talk.questions import settled
from agents.serving.talk.reasons import answer_why, reason
from agents.serving.talk.remarks import (
    claims,
    extremes,
    first_said,
    nearest_still,
    nothing_to_tell,
    weighed,
)
from agents.serving.talk.words import Wording
from chatrec_env.language import Form
from chatrec_env.language.acts import SystemAct, UserAct

if TYPE_CHECKING:
    from agents.serving.served import ServedPolicy
    from agents.serving.talk.talking import TalkingConversation

_A = UserAct
_PRESSED = frozenset((_A.IMPATIENT, _A.MISMATCH, _A.FIND_ITEM, _A.NO_PREFERENCE, _A.DONT_KNOW, _A.INSULT))
"""Acts after which no question is asked."""

_SPARED = frozenset((_A.AVOID, _A.EXCEPT))

_ADDING = POLITE | _SPARED | {_A.WANT, _A.YES, _A.OTHER_LANGUAGE}
"""Acts of a message that only adds to what was wished for."""

MOST_RECALLED = 2
"""Titles of earlier cards that are named again."""

STARTERS = 4
"""Cards shown where nothing is known: as different from each other as can be."""


@dataclass(slots=True)
class Draft:
    """A turn in the making."""

    move: Move
    remarks: list[str] = field(default_factory=list)  # said first: apologies, what was not understood
    answers: list[str] = field(default_factory=list)
    closing: str = ""  # said last
    scores: Any = None  # (K,) of the candidates
    starters: bool = False


def reply_to(
    conversation: TalkingConversation,
    policy: ServedPolicy,
    chance: Chance,
    sentences: Sequence[str],
) -> tuple[Reply, Move]:
    """Take in what a person typed, told apart into sentences, and answer; changes the conversation.

    Raises:
        ServiceError: As ``Conversation.hear``.
    """
    c = conversation
    message = c.understand(sentences)
    took = c.takes(message)
    c.listen(message, took)
    wording = Wording(c.task.manager, chance.variants[0])
    draft = _draft(c, message, policy, chance, wording)
    cards = _cards(c, draft)
    said = _said(c, message, draft, cards, wording, chance.variants[1])
    wishes = stated_wishes(c.task.manager, c.dialogue, c.bounds)
    heard = understood(c.task.manager, message.acts)
    c.say(draft.move, said, [card.item for card in cards])
    return Reply(
        turn=c.turn,
        act=SystemAct(draft.move.act).name.lower(),
        action=draft.move.action,
        said=said,
        cards=cards,
        answers=answers_to(c.task.manager, draft.move),
        heard=heard,
        wishes=wishes,
        took=took,
        ended=c.ended,
        answer=" ".join(draft.answers),
        about=c.focus,
        not_understood=(*message.unclear, *filter(None, [message.whom])),
    ), draft.move


def _draft(
    c: TalkingConversation,
    m: Message,
    policy: ServedPolicy,
    chance: Chance,
    wording: Wording,
) -> Draft:
    kinds, catalog = m.kinds, c.task.manager.catalog

    def stay(*remarks: str, closing: str = "") -> Draft:
        """The card that is talked about stays on the table."""
        kept = c.focus if c.focus in c.cards else -1
        keep = Draft(
            Move(int(SystemAct.ANSWER), -1, -1, kept, chance.variants, ""), list(remarks), closing=closing
        )
        keep.closing = closing or ("" if kept < 0 or m.asks else wording.say(Form.S_KEEP))
        return keep

    if m.accepts >= 0:
        closed = Move(
            int(SystemAct.CLOSE), -1, -1, -1, chance.variants, "", ends=bool(kinds & {_A.LEAVE, _A.THANK})
        )
        warm = wording.say(Form.S_CLOSE_WARM, m.accepts)
        return Draft(closed, [warm], closing="" if closed.ends else wording.say(Form.S_OFFER_MORE))
    goes = _A.LEAVE in kinds or (c.after == SystemAct.CLOSE and kinds & {_A.NO, _A.THANK, _A.REJECT})
    if goes and not m.asks and kinds <= POLITE | {_A.LEAVE, _A.NO, _A.REJECT, _A.YES, _A.ACCEPT, _A.INSULT}:
        return Draft(
            Move(int(SystemAct.CLOSE), -1, -1, -1, chance.variants, "", ends=True),
            closing=wording.say(Form.S_CLOSE),
        )
    on_table = c.focus >= 0
    keeps = on_table and not kinds & OTHERS and not m.unmet and c.fits(c.focus)
    asked = m.asks and (on_table or any(ask.item >= 0 for ask in m.asks))
    answers: list[str] = []
    if asked:
        known = wording.remarks.outline(
            [(f.label, f.values) for f in facts(c.task.manager, c.focus) if f.kind != "facet"]
        )
        answers = wording.answers(
            m.asks,
            answer_why(c, c.focus, wording),
            known,
            c.cards,
            c.cards[0] if c.cards else -1,
            c.cards if c.after == SystemAct.RECOMMEND else (),
        )
        answers = extremes(c, m, wording) or weighed(c, m) or claims(c, m) or answers
    if c.beyond and keeps_anyway(c, kinds):
        return _answering(
            stay(wording.remarks.none_beyond(c.beyond), closing=wording.say(Form.S_KEEP)), answers
        )
    if c.table_empty and answers and not kinds & OTHERS:
        return _answering(stay(), answers)
    if asked and keeps and "answer" not in c.task.actions.names:
        return _answering(stay(), answers)
    if keeps and not asked:
        if kinds & {_A.DOUBT, _A.CONDITION, _A.ACCEPT} and not kinds & WISHING:
            opinion = wording.opinion(c.focus)
            return stay(opinion, closing=wording.say(Form.S_KEEP))
        for act, form in ((_A.HELP, Form.S_HELP), (_A.OTHER_LANGUAGE, Form.S_LANGUAGE)):
            if act in kinds and not kinds & WISHING:
                return stay(wording.say(form), closing=" ")
        if kinds <= POLITE and _A.THANK in kinds:
            return stay(wording.remarks.WELCOME)
        if m.unclear and not kinds & (WISHING | {_A.INSULT}):
            return stay(wording.say(Form.S_NOT_UNDERSTOOD), closing=" ")
        if told := _still_fits(c, m, wording):
            return stay(told, closing=wording.say(Form.S_KEEP))
    if told := nearest_still(c, m):
        return stay(told, closing=wording.say(Form.S_KEEP))
    remarks = first_said(c, m, wording)
    if c.table_empty:
        return _answering(
            stay(
                *remarks,
                wording.remarks.nothing_left(catalog.noun, shown=bool(c.offered)),
                closing=" ",
            ),
            answers,
        )
    draft = _decided(c, m, policy, chance)
    draft.remarks = first_said(c, m, wording, shows=draft.move.act == SystemAct.RECOMMEND)
    earlier = (
        c.earlier() if draft.move.item >= 0 and not draft.starters and c.lacking(draft.move.item) else []
    )
    named = c.alike and any(act.item >= 0 and act.act in (_A.LIKE, _A.LIKED_ITEM) for act in m.acts)
    if earlier and keeps and (told := _still_fits(c, m, wording)):
        return _answering(stay(told, closing=wording.say(Form.S_KEEP)), answers)
    if earlier and int(c.dialogue.memory.sought[0]) < 0 and m.missing is None and not named:
        told = wording.remarks.no_more([catalog.titles[item] for item in earlier[:MOST_RECALLED]])
        if told not in c.said_last:
            c.cards, c.focus = (earlier[0],), earlier[0]
            return _answering(stay(*remarks, told, closing=" "), answers)
    return _answering(draft, answers if asked else nothing_to_tell(c, m))


def keeps_anyway(c: TalkingConversation, kinds: set[UserAct]) -> bool:
    """Whether the card stays where nothing farther fits: nobody turned it down."""
    return c.focus in c.cards and not kinds & {
        _A.REJECT,
        _A.INSULT,
        _A.SEEN_IT,
        _A.DISLIKED_ITEM,
        _A.MISMATCH,
    }


def _still_fits(c: TalkingConversation, m: Message, wording: Wording) -> str:
    """That the item they have talked about is what the message wishes, and not what it asks to be spared."""
    catalog, item = c.task.manager.catalog, c.focus
    wished = [act for act in m.acts if act.act in _SPARED or act.act == _A.WANT]
    if c.after != SystemAct.ANSWER and not c.restated:  # a new wish for a kind of item asks for another
        kinds = [act for act in wished if act.act == _A.WANT and act.value >= 0]
        if any(catalog.facets[int(catalog.value_facet[act.value])].multi_valued for act in kinds):
            return ""
    sure = all(act.value >= 0 for act in wished) and not suspects(c.task.manager, c.dialogue)[item]
    if not (wished and sure and m.kinds <= _ADDING and fulfils(catalog, item, wished)):
        return ""
    title = catalog.titles[item]
    limited = {
        int(catalog.value_facet[act.value])
        for act in wished
        if math.isfinite(act.low) or math.isfinite(act.high)
    }
    if limited:
        return wording.remarks.already(title, wording.plain_fact(item, min(limited)))
    spared = [catalog.value_phrases[act.value] for act in wished if act.act in _SPARED]
    met = [act.value for act in wished if catalog.values[item, act.value]]
    phrases = list(dict.fromkeys(catalog.value_phrases[value] for value in met))
    return wording.remarks.still_fits(title, spared) if spared else wording.remarks.is_so(title, phrases)


def _answering(draft: Draft, answers: list[str]) -> Draft:
    draft.answers = answers
    return draft


def _decided(
    c: TalkingConversation,
    m: Message,
    policy: ServedPolicy,
    chance: Chance,
) -> Draft:
    """What the policy does, within what is sensible now."""
    d, kinds = c.dialogue, m.kinds
    known = c.knows_something
    sought = int(d.memory.sought[0])
    silent = bool(kinds & _PRESSED) or sought >= 0 or m.missing is not None
    silent |= c.after == SystemAct.CLOSE and _A.YES in kinds
    told = settled(c.task.manager.catalog, d, c.bounds)
    if c.after == SystemAct.ASK:  # whatever was said of it, it is not asked twice in a row
        told |= {int(d.last_facet[0])}
    move, scores = c.decide(policy, chance, silent=silent, told=told)
    by_text = m.missing is not None and (m.tells_of_missing or not d.wishes[0].any())
    if by_text:
        scores = likeness.of_texts(c.task.manager, [" ".join(m.sentences)])[d.candidates[0]]
        sought = int(d.candidates[0, np.where(c.task.manager.view(d).present[0], scores, -np.inf).argmax()])
    if sought >= 0 and move.item != sought:
        move = Move(int(SystemAct.RECOMMEND), -1, -1, sought, chance.variants, "")
    starters = move.act == SystemAct.RECOMMEND and not known and sought < 0
    fresh = c.turn == 0 or kinds & {_A.START_OVER, _A.HELP}
    if starters and not silent and fresh and c.after != SystemAct.ASK:
        facet = int(c.task.manager.beliefs.most_informative_facet(d)[0])
        if facet >= 0:
            return Draft(Move(int(SystemAct.ASK), facet, -1, -1, chance.variants, ""))
    return Draft(move, scores=scores, starters=starters)


def _cards(c: TalkingConversation, draft: Draft) -> tuple[Card, ...]:
    """The cards of a recommendation; none in any other turn."""
    move, manager = draft.move, c.task.manager
    if move.act != SystemAct.RECOMMEND or move.item < 0:
        return ()
    d, scores = c.dialogue, draft.scores
    cards = make_cards(manager, d, manager.view(d), move.item, scores, c.liked, c.named, c.bounds)
    if not draft.starters:
        more = c.besides(move.item)[: MOST_CARDS - 1]
        return (cards[0], *(c.card(item, k + 2) for k, item in enumerate(more)))
    catalog, chosen = manager.catalog, [cards[0].item]
    best = np.argsort(-(catalog.popularity + catalog.acclaim), kind="stable")[:200]
    best = best[~np.isin(best, d.shown[0]) & ~np.isin(best, list(c.offered))]
    over = np.any(passed_over(manager, d, c.bounds), 0)
    best = best[~over[best]]
    while len(chosen) < STARTERS and len(best):
        near = (catalog.factors[best] @ catalog.factors[chosen].T).max(1)
        chosen.append(int(best[near.argmin()]))
        best = best[best != chosen[-1]]
    others = [c.card(item, k + 2) for k, item in enumerate(chosen[1:])]
    return (cards[0], *others)


def _said(
    c: TalkingConversation, m: Message, draft: Draft, cards: Sequence[Card], wording: Wording, variant: int
) -> tuple[Said, ...]:
    """The sentences of a turn: remarks and answers, then the card and its reason, or the question."""
    move, manager = draft.move, c.task.manager
    said = [Said("remark", text) for text in draft.remarks] + [Said("answer", text) for text in draft.answers]
    if move.act == SystemAct.ASK:
        said.append(Said("question", wording.say(Form.S_ASK, move.facet)))
    elif move.act == SystemAct.CONFIRM:
        said.append(Said("question", wording.say(Form.S_CONFIRM, move.value)))
    elif cards:
        lacks = [] if draft.starters else c.lacking(move.item)
        nearest = wording.remarks.nearest(lacks, shown=bool(c.offered)) if lacks else ""
        if nearest and int(c.dialogue.memory.sought[0]) < 0 and nearest not in c.said_last:
            said.append(Said("remark", nearest))
        elif draft.starters:
            said.append(Said("opener", wording.say(Form.S_STARTERS)))
        said.append(Said("item", wording.propose(move.item, variant + c.turn)))
        told = "" if draft.starters else reason(c, m, move.item, Wording(manager, variant))
        said += [Said("explanation", told)] if told else []
    closing = draft.closing.strip()
    return (*said, *([Said("closing" if said else "opener", closing)] if closing else []))
