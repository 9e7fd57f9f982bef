"""The dialogue acts that say what is meant by one mention: of a value, a title, a person, a card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.mentions import Mention, MentionKind

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

MAX_WANTED_BINS: Final = 3
"""Bins a wish for a span that is open downwards ("before 1980") names: those nearest to its end."""

SIGN: Final = {
    UserAct.WANT: 1,
    UserAct.AVOID: -1,
    UserAct.TOO: -1,
    UserAct.ENOUGH_OF: -1,
    UserAct.EXCEPT: -1,
    UserAct.LIKE: 1,
    UserAct.LIKED_ITEM: 1,
    UserAct.DISLIKED_ITEM: -1,
}
"""Polarity of what an act says of a value."""

FAR: Final = 2.0
"""Strength of a comparison with what was called too much of something: a little less will not do."""

_OF_TITLE: Final = {
    UserAct.WANT: UserAct.FIND_ITEM,
    UserAct.AVOID: UserAct.EXCEPT,
    UserAct.TOO: UserAct.DISLIKED_ITEM,
}
"""What a role that is made for values means of an item."""

_OF_VALUE: Final = {
    UserAct.LIKED_ITEM: UserAct.WANT,
    UserAct.DISLIKED_ITEM: UserAct.AVOID,
    UserAct.LIKE: UserAct.WANT,
    UserAct.FIND_ITEM: UserAct.WANT,
    UserAct.ACCEPT: UserAct.WANT,
    UserAct.CONDITION: None,
    UserAct.DOUBT: None,
    UserAct.SEEN_IT: None,
}
"""What a role that is made for titles means of a value; of a value that was seen nothing follows."""

_OF_PLACE: Final = {
    UserAct.WANT: UserAct.ACCEPT,
    UserAct.FIND_ITEM: UserAct.ACCEPT,
    UserAct.AVOID: UserAct.REJECT,
    UserAct.EXCEPT: UserAct.REJECT,
    UserAct.TOO: UserAct.REJECT,
    UserAct.LIKE: UserAct.MORE_LIKE_THAT,
}
_OF_CARDS: Final = frozenset(
    (
        *(UserAct.ACCEPT, UserAct.REJECT, UserAct.MORE_LIKE_THAT, UserAct.SEEN_IT, UserAct.MISMATCH),
        *(UserAct.CONDITION, UserAct.DOUBT),
    )
)


def value_of(mention: Mention, catalog: Catalog, asked: int) -> int:
    """Of the values a word may name the one of the facet that was asked about, else the likeliest."""
    fitting = (value for value in mention.values if int(catalog.value_facet[value]) == asked)
    return next(fitting, mention.values[0])


def _of_value(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    act = _OF_VALUE.get(said.act, said.act)
    if act is None:
        return
    sign = SIGN.get(act, 0)
    if not mention.values:
        yield replace(said, act=act, polarity=sign, topic=words)
        return
    values: Sequence[int] = (value_of(mention, catalog, asked),)
    if mention.kind == MentionKind.AMOUNT:
        onward = len(mention.values) > 1 and mention.values[0] < mention.values[-1]
        values = mention.values if onward or sign <= 0 else mention.values[:MAX_WANTED_BINS]
    for value in values:
        yield replace(
            said,
            act=act,
            polarity=sign,
            value=value,
            topic=words if act == UserAct.EXCEPT else "",
            facet=int(catalog.value_facet[value]),
            low=mention.low,
            high=mention.high,
        )


def _of_title(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    act = _OF_TITLE.get(said.act, said.act)
    known = mention.item >= 0
    yield replace(said, act=act, polarity=SIGN.get(act, 0), item=mention.item, topic="" if known else words)


def _of_person(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    keep = said.act in (UserAct.DROP, UserAct.EXCEPT, UserAct.MISMATCH, UserAct.LIKE)
    act = said.act if keep else UserAct.ENTITY
    yield replace(said, act=act, polarity=said.polarity or (0 if keep else 1), entity=mention.entity)


def _of_comparison(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    if said.act in (UserAct.DROP, UserAct.MISMATCH):
        yield replace(said, facet=mention.facet, direction=mention.direction)
        return
    sign = -1 if SIGN.get(said.act, 0) < 0 else 1
    yield replace(
        said,
        act=UserAct.RELATIVE,
        polarity=0,
        facet=mention.facet,
        direction=sign * mention.direction,
        strength=FAR if said.act == UserAct.TOO else said.strength,
    )


def _of_company(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    if said.act in (UserAct.WANT, UserAct.LIKE, UserAct.FIND_ITEM):
        yield replace(said, act=UserAct.CONTEXT, polarity=0, context=mention.context)


def _of_facet(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    if said.act in (UserAct.DROP, UserAct.MISMATCH, UserAct.TOO):
        yield replace(said, facet=mention.facet, topic=mention.topic)
    elif said.act in (UserAct.WANT, UserAct.AVOID) and mention.facet < 0:
        yield replace(said, polarity=SIGN[said.act], topic=words)


def _of_place(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    act = _OF_PLACE.get(said.act, said.act)
    if act in _OF_CARDS:
        yield replace(said, act=act, polarity=0)
    elif act in (UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM):
        yield replace(said, act=act)


_Reading = Callable[[ParsedAct, Mention, str, "Catalog", int], Iterator[ParsedAct]]
READ: Final[Mapping[MentionKind, _Reading]] = {
    MentionKind.VALUE: _of_value,
    MentionKind.AMOUNT: _of_value,
    MentionKind.OTHER: _of_value,
    MentionKind.TITLE: _of_title,
    MentionKind.PERSON: _of_person,
    MentionKind.COMPARATIVE: _of_comparison,
    MentionKind.DEGREE: _of_comparison,
    MentionKind.COMPANY: _of_company,
    MentionKind.FACET: _of_facet,
    MentionKind.PLACE: _of_place,
}
"""Which acts say what is meant by a mention of each kind."""
