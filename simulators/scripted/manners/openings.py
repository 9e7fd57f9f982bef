"""First words of people who do not all begin with a wish: a greeting, a title, a question, or somebody else's wish."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from chatrec_env.core.sums import how_many
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scenarios.talk import Talk
from simulators.scripted.manners.naming import (
    DISLIKED_ITEM,
    FIND_ITEM,
    LIKE_ITEM,
    LIKED_ITEM,
    SEEN_ITEM,
    put_wishes,
    recall,
)
from simulators.scripted.manners.notions import open_with_all, open_with_notion
from simulators.scripted.manners.questions import share_of
from simulators.scripted.opening import (
    CONTEXT,
    OPENING_DRAWS,
    U_AVOID,
    U_GREET,
    U_SECOND,
    U_STYLE,
    say_unwanted,
    tell_all,
    tell_some,
)
from simulators.scripted.people import Items, People
from simulators.scripted.sentences import (
    CLOSING,
    EXTRA,
    OPENING,
    REPLY,
    Numbering,
    Said,
    nothing_said,
    number_freely,
    say,
)
from simulators.scripted.talk import GREET

Float = npt.NDArray[np.float64]

SURPRISE_ME, HELP = FORMS.index(Form.SURPRISE_ME), FORMS.index(Form.HELP)
BUT, FIND_UNLISTED = FORMS.index(Form.BUT), FORMS.index(Form.FIND_UNLISTED)

GREETING, SURPRISE, ASK_HELP, LIKE, OPINION, FIND, UNLISTED = range(7)
"""Kinds of openings, as ``talk.OPENINGS`` counts them."""

LIVELY_OPENING_DRAWS = 5
"""Further uniforms of an opening: curiosity, haste, what it is about, which title, and the way it is put."""

U_CURIOUS, U_HASTY, U_KIND, U_TITLE, U_WAY, U_NOTION = range(OPENING_DRAWS, OPENING_DRAWS + 6)


@rule
def habits(people: People, n: int, draws: Float, talk: Talk) -> None:
    """How curious person ``n`` is, 0.5 to 1.5 of the mean, and whether they type in haste, from uniforms (9,)."""
    people.curious[n] = min(talk.curious * (0.5 + draws[U_CURIOUS]), 1.0)
    people.hasty[n] = draws[U_HASTY] < talk.hasty


@rule
def but(people: People, n: int, item: int, items: Items) -> int:
    """The weightiest value that person ``n`` wants and an item lacks, -1 if it has all."""
    best, most = -1, np.float32(0)
    for v in range(people.wanted.shape[1]):
        if people.wanted[n, v] and items.weighted[item, v] == 0 and items.value_weights[v] > most:
            best, most = v, items.value_weights[v]
    return best


@rule
def open_with(
    people: People, n: int, kind: int, place: float, draws: Float, items: Items, said: Said
) -> None:
    """Person ``n`` opens without a wish in words of its own; see ``talk.OPENINGS``.

    Args:
        people: Who speaks; ``told`` changes where a wish comes after the title.
        n: Which of them.
        kind: Of opening.
        place: A uniform that decides the rest.
        draws: (9,) uniforms of the opening.
        items: The catalogue.
        said: Changed.
    """
    best = recall(people, n, draws[U_TITLE], 1.0, items)
    if kind == SURPRISE:
        say(said, n, REPLY, SURPRISE_ME, 0)
    elif kind == ASK_HELP:
        say(said, n, REPLY, HELP, 0)
    elif kind == UNLISTED and items.names.n_unlisted:
        say(said, n, REPLY, FIND_UNLISTED, int(place * items.names.n_unlisted))
    elif kind in (GREETING, UNLISTED) or best < 0:
        say(said, n, OPENING, GREET, 0)
    elif kind == FIND:
        say(said, n, REPLY, FIND_ITEM, best)
    elif kind == LIKE:
        say(said, n, REPLY, LIKE_ITEM, best)
        wish = but(people, n, best, items)
        if wish >= 0 and place < 0.5:
            say(said, n, EXTRA, BUT, wish)
            people.told[n, wish] = True
    elif place < 0.5:
        say(said, n, REPLY, LIKED_ITEM, best)
    elif place < 0.8:
        say(said, n, REPLY, DISLIKED_ITEM, recall(people, n, draws[U_TITLE], -1.0, items))
    else:
        say(said, n, REPLY, SEEN_ITEM, best)


@rule
def open_freely(
    people: People, items: Items, numbering: Numbering, draws: Float, pairs: npt.NDArray[np.int32], all_at_once: bool,
    talk: Talk,
) -> npt.NDArray[np.int64]:  # fmt: skip
    """First words of N people, sentence ids (N, 4), and how curious and hasty they are.

    Args:
        people: Who speaks; ``told``, ``last_told``, ``curious`` and ``hasty`` change.
        items: The catalogue.
        numbering: Of sentences.
        draws: (N, 9) uniforms of the opening, (N, 10) where people may have something in mind that no facet holds.
        pairs: (V, V) argument of the sentence that names two values, -1 where there is none.
        all_at_once: Whether everything is told, as the scenario has it; then all state their wishes.
        talk: Rates.
    """
    people, items, numbering, draws, pairs, talk = borrowed((people, items, numbering, draws, pairs, talk))
    said = nothing_said(len(draws))
    for n in range(len(draws)):
        wanted, unwanted, told, own = people.wanted[n], people.unwanted[n], people.told[n], draws[n]
        habits(people, n, own, talk)
        kind, place = share_of(talk.openings, own[U_KIND])
        if all_at_once:
            tell_all(wanted, told, n, CLOSING if how_many(unwanted) else CLOSING + 1, said)
            say_unwanted(unwanted, told, n, CLOSING, said)
            if items.notions.share > 0:
                open_with_all(people, n, own[U_NOTION], items.notions, said)
            continue
        if kind == len(talk.openings) and people.context[n] >= 0:
            say(said, n, OPENING, CONTEXT, people.context[n])
        elif own[U_GREET] < 0.5:
            say(said, n, OPENING, GREET, 0)
        if kind < len(talk.openings):
            open_with(people, n, kind, place, own, items, said)
        instead = items.notions.share > 0 and open_with_notion(people, n, own[U_NOTION], items.notions, said)
        if kind < len(talk.openings) or instead:
            continue
        tell_some(wanted, told, own[U_SECOND], items.value_weights, pairs, n, said)
        if own[U_AVOID] < 0.25:
            say_unwanted(unwanted, told, n, EXTRA, said)
        put_wishes(people, n, own[U_TITLE], items, talk, said)
    return number_freely(people, said, draws[:, U_STYLE], draws[:, U_WAY], numbering)
