"""From mentions, their roles and the acts of a message to dialogue acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isinf
from typing import TYPE_CHECKING, Final

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.mention_acts import READ, SIGN, value_of
from chatrec_env.language.learned.mentions import LAST, Mention, MentionKind
from chatrec_env.language.learned.scheme import QUESTIONS

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

FORCE: Final[Mapping[str, float]] = {"": 1.0, "!": 2.0, "?": 0.5}
"""How strong a wish is, by its mark."""

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
    meant = _limited(_compared(_of_foreign(acts, meant), text, catalog, on_table), text)
    meant = _narrowed(meant, text)
    acts, meant = _of_unlisted(acts, meant, text)
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


def _of_foreign(acts: Sequence[str], meant: Sequence[Meant]) -> Sequence[Meant]:
    """A value that is recognised in another language is wanted: little else is said in so few words."""
    if "OTHER_LANGUAGE" not in acts:
        return meant
    known = (MentionKind.VALUE, MentionKind.AMOUNT)
    return [
        replace(one, role="want") if one.role == "named" and one.mention.kind in known else one
        for one in meant
    ]


_AS_MUCH: Final = frozenset(("that", "this", "as", "so"))


def _compared(meant: Sequence[Meant], text: str, catalog: Catalog, on_table: int) -> Sequence[Meant]:
    """A comparison with what is on the table, which is too much: "nothing that long"."""

    def is_of_it(one: Meant) -> bool:
        before = text[: one.mention.start].split()
        scaled = one.mention.facet >= 0 and catalog.facets[one.mention.facet].numeric
        degree = one.mention.kind in (MentionKind.VALUE, MentionKind.DEGREE)
        return scaled and degree and bool(before) and before[-1].lower() in _AS_MUCH

    if not on_table:
        return meant
    return [
        replace(one, role="too", strength="?") if one.role == "avoid" and is_of_it(one) else one
        for one in meant
    ]


def _limited(meant: Sequence[Meant], text: str) -> Sequence[Meant]:
    """A limit that begins a clause is wanted, whatever was denied before it: "no capes, after 2000"."""

    def is_limit(mention: Mention) -> bool:
        return mention.kind == MentionKind.AMOUNT and isinf(mention.low) != isinf(mention.high)

    return [
        replace(one, role="want")
        if one.role == "avoid" and is_limit(one.mention) and _begins(one.mention, text)
        else one
        for one in meant
    ]


def _begins(mention: Mention, text: str) -> bool:
    """Whether a mention begins a clause, so that nothing denies it."""
    before = text[: mention.start].rstrip()
    return not before or before[-1] in _ENDS


_ENDS: Final = frozenset(",.;:!?")


def _narrowed(meant: Sequence[Meant], text: str) -> Sequence[Meant]:
    """An exception narrows a wish: where none is read, what was named before it is wanted.

    So is the value that its words are linked to, even where it was read as denied: "superheroes, no Marvel".
    """
    roles = [one.role for one in meant]
    if "except" not in roles or {"want", "like", "liked"} & set(roles):
        return meant
    first = roles.index("except")
    of_it = set(meant[first].mention.values)

    def is_wanted(one: Meant) -> bool:
        denied = one.role == "avoid" and bool(of_it & set(one.mention.values)) and _begins(one.mention, text)
        return one.mention.kind == MentionKind.VALUE and (one.role == "named" or denied)

    return [
        replace(one, role="want") if at < first and is_wanted(one) else one for at, one in enumerate(meant)
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
        words = text[mention.start : mention.end] if mention.kind == MentionKind.OTHER else mention.topic
        yield from _questions(replace(mention, topic=words), said, acts, catalog, asked)
        return
    act = _BY_ROLE.get(one.role)
    if act is None:
        return
    if act == UserAct.ACCEPT and "ACCEPT" not in acts:  # "the second, if it is short"
        act = UserAct.CONDITION if "CONDITION" in acts else UserAct.DOUBT
    said = replace(said, act=act, polarity=SIGN.get(act, 0))
    words = text[mention.start : mention.end]
    yield from READ[mention.kind](said, mention, words, catalog, asked)


def _place(mention: Mention, on_table: int) -> int:
    return on_table - 1 if mention.place == LAST else mention.place


def _questions(
    mention: Mention, said: ParsedAct, acts: Sequence[str], catalog: Catalog, asked: int
) -> Iterator[ParsedAct]:
    """A question about what is mentioned: of which kind, the message tells."""
    kinds = [UserAct[name] for name in acts if name in QUESTIONS]
    about = replace(
        said,
        value=value_of(mention, catalog, asked) if mention.values else -1,
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


def _last_word(said: list[ParsedAct]) -> list[ParsedAct]:
    """Where a value is both wanted and not, what was said last stands."""
    final = {act.value: act.act for act in said if act.value >= 0 and act.act in _WISHES}
    return [act for act in said if act.value < 0 or act.act not in _WISHES or final[act.value] == act.act]


_WISHES: Final = frozenset((UserAct.WANT, UserAct.AVOID, UserAct.DROP))
