"""From mentions, their roles and the acts of a message to dialogue acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.mentions import LAST, Mention, MentionKind
from chatrec_env.language.learned.scheme import QUESTIONS

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

FORCE: Final[Mapping[str, float]] = {"": 1.0, "!": 2.0, "?": 0.5}
"""How strong a wish is, by its mark."""

MAX_WANTED_BINS: Final = 3
"""Bins a wish for a span that is open downwards ("before 1980") names: those nearest to its end."""

_OF_IT: Final = {
    "LIKED_IT": ParsedAct(UserAct.LIKED_ITEM, polarity=1),
    "DISLIKED_IT": ParsedAct(UserAct.DISLIKED_ITEM, polarity=-1),
}
_BY_ROLE: Final = {
    "want": UserAct.WANT,
    "avoid": UserAct.AVOID,
    "drop": UserAct.DROP,
    "too": UserAct.TOO,
    "enough": UserAct.ENOUGH_OF,
    "except": UserAct.EXCEPT,
    "lacks": UserAct.MISMATCH,
    "like": UserAct.LIKE,
    "liked": UserAct.LIKED_ITEM,
    "disliked": UserAct.DISLIKED_ITEM,
    "seen": UserAct.SEEN_IT,
    "take": UserAct.ACCEPT,
    "find": UserAct.FIND_ITEM,
}
_SIGN: Final = {
    UserAct.WANT: 1,
    UserAct.AVOID: -1,
    UserAct.TOO: -1,
    UserAct.ENOUGH_OF: -1,
    UserAct.EXCEPT: -1,
    UserAct.LIKE: 1,
    UserAct.LIKED_ITEM: 1,
    UserAct.DISLIKED_ITEM: -1,
}
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
_BARE_NEEDED: Final = frozenset(
    ("ACCEPT", "SEEN_IT", "MISMATCH", "FIND_ITEM", "REJECT", "CONDITION", "DOUBT")
)
"""Acts that a mention carries as well: by themselves only where none does."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A mention and what is meant by it."""

    mention: Mention
    role: str
    strength: str = ""
    other: bool = False


def with_implied(acts: Sequence[str], meant: Sequence[Meant]) -> list[str]:
    """The acts of a message, and those that follow from what is meant by its mentions.

    Something is taken by pointing at it, unless under a condition or with a doubt.
    """
    out, roles = list(acts), {one.role for one in meant}
    if "take" in roles and not {"CONDITION", "DOUBT", "ACCEPT"} & set(acts):
        out.append("ACCEPT")
    if "asked" in roles and not QUESTIONS & set(acts):
        out.append("ASK_FACT")
    for role, act in (("find", "FIND_ITEM"), ("lacks", "MISMATCH")):
        if role in roles and act not in acts:
            out.append(act)
    return out


def interpret(
    text: str,
    acts: Sequence[str],
    meant: Sequence[Meant],
    catalog: Catalog,
    *,
    asked: int = -1,
    on_table: int = 0,
) -> tuple[ParsedAct, ...]:
    """The dialogue acts of a message: those of the message as a whole, then those of its mentions, in order.

    Args:
        text: The message.
        acts: Names of :data:`.scheme.ACTS` that hold, implied ones among them.
        meant: Its mentions.
        catalog: What it is about.
        asked: Facet the person was just asked about, or -1: which of several values a word names, and what
            "any" is about.
        on_table: How many cards lie on the table; 0 where it is not known.
    """
    acts, meant = _of_unlisted(acts, _narrowed(meant), text)
    of_mentions = [
        act for one in meant for act in _acts_of(text, one, acts, catalog, asked=asked, on_table=on_table)
    ]
    carried = {act.act for act in of_mentions}
    facets = [
        one.mention.facet for one in meant if one.mention.kind == MentionKind.FACET and one.mention.facet >= 0
    ]
    out = []
    for name in acts:
        if name == "SMALL_TALK" or (name in _BARE_NEEDED and UserAct[name] in carried):
            continue
        if name in QUESTIONS and any(act.act == UserAct[name] for act in of_mentions):
            continue
        if name in ("DONT_KNOW", "NO_PREFERENCE"):
            out += [ParsedAct(UserAct[name], facet=facet) for facet in facets or [asked]]
            continue
        out.append(_OF_IT.get(name) or ParsedAct(UserAct[name]))
    said = _last_word([*out, *of_mentions])
    return tuple(dict.fromkeys(said)) or (ParsedAct(UserAct.SMALL_TALK),)


def _narrowed(meant: Sequence[Meant]) -> Sequence[Meant]:
    """An exception narrows a wish: where none is read, what was named before it is wanted."""
    roles = [one.role for one in meant]
    if "except" not in roles or {"want", "like", "liked"} & set(roles):
        return meant
    first = roles.index("except")
    return [
        replace(one, role="want")
        if at < first and one.role == "named" and one.mention.kind == MentionKind.VALUE
        else one
        for at, one in enumerate(meant)
    ]


def _of_unlisted(
    acts: Sequence[str], meant: Sequence[Meant], text: str
) -> tuple[Sequence[str], Sequence[Meant]]:
    """Of a title that the catalogue does not have nothing can be told: who asks about it looks for it."""
    asked = [one for one in meant if one.role == "asked"]
    titles = [one for one in asked if _is_unlisted(one.mention, text)]
    if not titles or not (len(asked) > len(titles) or {"ASK_OPINION", "ASK_PLOT"} & set(acts)):
        return acts, meant  # "is Uma Thurman in it?": what is asked of the item on the table
    others = [one for one in meant if one.role != "asked"]
    return [act for act in acts if act not in QUESTIONS], [
        *others,
        *(replace(t, role="find") for t in titles),
    ]


def _is_unlisted(mention: Mention, text: str) -> bool:
    """Whether a mention is a title that is not in the catalogue, or by its capital may be one."""
    if mention.kind == MentionKind.OTHER:
        return mention.start > 0 and text[mention.start].isupper()
    return mention.kind == MentionKind.TITLE and mention.item < 0


def _acts_of(
    text: str, one: Meant, acts: Sequence[str], catalog: Catalog, *, asked: int, on_table: int
) -> Iterator[ParsedAct]:
    """What is said by one mention."""
    mention = one.mention
    said = ParsedAct(
        UserAct.SMALL_TALK, strength=FORCE[one.strength], other=one.other, place=_place(mention, on_table)
    )
    if one.role == "asked":
        yield from _questions(mention, said, acts, catalog, asked)
        return
    act = _BY_ROLE.get(one.role)
    if act is None:
        return
    if act == UserAct.ACCEPT and "ACCEPT" not in acts:  # "the second, if it is short"
        act = UserAct.CONDITION if "CONDITION" in acts else UserAct.DOUBT
    said = replace(said, act=act, polarity=_SIGN.get(act, 0))
    words = text[mention.start : mention.end]
    yield from _READ[mention.kind](said, mention, words, catalog, asked)


def _place(mention: Mention, on_table: int) -> int:
    return on_table - 1 if mention.place == LAST else mention.place


def _questions(
    mention: Mention, said: ParsedAct, acts: Sequence[str], catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    """A question about what is mentioned: of which kind, the message tells."""
    kinds = [UserAct[name] for name in acts if name in QUESTIONS]
    about = replace(
        said,
        value=_value(mention, catalog, asked) if mention.values else -1,
        facet=mention.facet,
        item=mention.item,
        direction=mention.direction,
        context=mention.context,
        entity=mention.entity,
        low=mention.low,
        high=mention.high,
        topic=mention.topic,
    )
    # A title or a card is what is asked about; anything else is what is asked of it.
    whole = mention.kind in (MentionKind.TITLE, MentionKind.PLACE)
    fitting = [kind for kind in kinds if whole or kind == UserAct.ASK_FACT] or [UserAct.ASK_FACT]
    for kind in fitting:
        yield replace(about, act=kind)


def _value(mention: Mention, catalog: Catalog, asked: int) -> int:
    """Of the values a word may name the one of the facet that was asked about, else the likeliest."""
    fitting = (value for value in mention.values if int(catalog.value_facet[value]) == asked)
    return next(fitting, mention.values[0])


def _of_value(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    act = _OF_VALUE.get(said.act, said.act)
    if act is None:
        return
    sign = _SIGN.get(act, 0)
    if not mention.values:
        yield replace(said, act=act, polarity=sign, topic=words)
        return
    values: Sequence[int] = (_value(mention, catalog, asked),)
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
    yield replace(said, act=act, polarity=_SIGN.get(act, 0), item=mention.item, topic="" if known else words)


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
    sign = -1 if _SIGN.get(said.act, 0) < 0 else 1
    yield replace(
        said, act=UserAct.RELATIVE, polarity=0, facet=mention.facet, direction=sign * mention.direction
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


def _of_place(
    said: ParsedAct, mention: Mention, words: str, catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    act = _OF_PLACE.get(said.act, said.act)
    if act in _OF_CARDS:
        yield replace(said, act=act, polarity=0)
    elif act in (UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM):
        yield replace(said, act=act)


_Reading = Callable[[ParsedAct, Mention, str, "Catalog", int], Iterator[ParsedAct]]
_READ: Final[Mapping[MentionKind, _Reading]] = {
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


def _last_word(said: list[ParsedAct]) -> list[ParsedAct]:
    """Where a value is both wanted and not, what was said last stands."""
    final = {act.value: act.act for act in said if act.value >= 0 and act.act in _WISHES}
    return [act for act in said if act.value < 0 or act.act not in _WISHES or final[act.value] == act.act]


_WISHES: Final = frozenset((UserAct.WANT, UserAct.AVOID, UserAct.DROP))
