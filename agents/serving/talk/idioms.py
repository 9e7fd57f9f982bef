"""What is said in other words than it is meant: questions that complain, why somebody asks, who it is for.

The phrases are few and fixed, and a network that reads words takes them at their word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import MentionKind

_A = UserAct

_COMPLAINT = re.compile(
    r"\b(?:is (?:this|that)|are (?:these|those)) (?:(?:supposed|meant) to be |some kind of )?a (?:joke|prank)\b"
    r"|\bare you (?:kidding|joking|serious|for real|having a laugh|out of your mind)\b"
    r"|\byou(?: must|['’]?ve got to|['’]?re| are) (?:be )?(?:kidding|joking)\b|\byou (?:can['’]?t|cannot) be serious\b"
    r"|\byou call (?:this|that)\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\b(?:why|who) (?:on earth |the hell |in the world )?would (?:ever )?(?:i|we|any(?:one|body)|want|watch|like)\b"
    r"|\bdo (?:i|we) (?:look|sound|seem) like\b",
    re.IGNORECASE,
)
_EASY = re.compile(
    r"\b(?:it|that)(?:['’]?s| is|) not (?:that |so |really )?(?:hard|difficult|complicated)\s*[.!]*$"
    r"|\bnot rocket science\b|\bhow (?:hard|difficult) can (?:it|that|this) be\b",
    re.IGNORECASE,
)
_KNOWN_TO_ALL = re.compile(
    r"\b(?:every(?:one|body)|(?:the )?(?:whole|half the) (?:world|planet)|nobody (?:hasn['’]?t|who|left)"
    r"|who hasn['’]?t|we all|all of us)\b.{0,30}\b(?:seen|knows?|watched|read|heard|owns?|been|names?)\b",
    re.IGNORECASE,
)
_LESS_KNOWN = re.compile(
    r"\b(?:less(?:er)? (?:well )?known|less famous|hidden gems?|obscure|underrated"
    r"|too (?:famous|mainstream|obvious|popular|well known)|(?:no|nothing|not (?:so|too)) mainstream"
    r"|nobody (?:has (?:ever )?)?(?:heard|knows))",
    re.IGNORECASE,
)


_YOUNG = frozenset(("kids", "children"))
"""Company for whom a catalogue has items of their own."""

_GRANDCHILD = re.compile(
    r"\b(?:grand(?:son|daughter|child|children|kids?)|nephews?|nieces?|god(?:son|daughter|child)"
    r"|little (?:boy|girl|one|ones|brother|sister)|toddlers?)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"\b(?:he|she|we|they|i|you)(?:['’](?:s|ve)|s| has| have|) (?:already )?(?:got|owns?|have|has) "
    r"(?:(?:one|two|some) (?:of (?:those|these|them))?|one|that(?: one)?|it|this|these|those)\b"
    r"|\balways (?:play|watch|read|listen to|use|go)\b|\b(?:by heart|a hundred times|forty times)\b",
    re.IGNORECASE,
)
_PERFECT = re.compile(
    r"\b(?:that|this|it)(?: all)?(?:['’]s| is| sounds| looks) (?:just )?(?:perfect|ideal|exactly it|just right)\b",
    re.IGNORECASE,
)
_DREAD = re.compile(
    r"\b(?:hates?|can['’]?t stand|allergic|rather not|scares? easily|scared|afraid|(?:don['’]?t|doesn['’]?t) like"
    r"|dislikes?|nightmares?|faints?)\b|\b(?:she|he|they|i|we)['’]d hate\b",
    re.IGNORECASE,
)
_SHORT_OF = re.compile(
    r"\b(?:bad|terrible|useless|no good|hopeless|weak|rubbish|awful|not good) (?:at|with|in)\b", re.IGNORECASE
)
_ANYTHING = re.compile(
    r"\W*(?:is there |have you |you |got |do you have )*(?:anything|something|any other|others)\b",
    re.IGNORECASE,
)
_MORE_SO = re.compile(
    r"\bmore (?:in|of|like|along)\b|\b(?:similar|like (?:that|it|those|them))\b|\b(?:that|this) direction\b"
    r"|\b(?:same|those|these) (?:lines?|vein|kind|sort)\b",
    re.IGNORECASE,
)
_SKILL = re.compile(
    r"\bmy (\w+)(?: skills?)? (?:is|are) (?:zero|nil|bad|poor|rusty|basic|terrible|awful|non-?existent|weak)\b",
    re.IGNORECASE,
)
_WOULD_BE = "would be {}"


def idiom(text: str, *, on_table: bool) -> tuple[ParsedAct, ...]:
    """What a sentence means if it is such a saying; nothing otherwise.

    Args:
        text: The sentence.
        on_table: Whether something was suggested that it may be about.
    """
    if on_table and _COMPLAINT.search(text):
        return ParsedAct(UserAct.INSULT), ParsedAct(UserAct.REJECT)
    if on_table and (
        _REFUSAL.search(text) or (_KNOWN_TO_ALL.search(text) and not text.rstrip().endswith("?"))
    ):
        return (ParsedAct(UserAct.REJECT),)
    return (ParsedAct(UserAct.IMPATIENT),) if _EASY.search(text) else ()


def wants_less_known(text: str) -> bool:
    """Whether somebody would have what not everybody knows: "everyone has seen that", "a hidden gem"."""
    return bool(_KNOWN_TO_ALL.search(text) or _LESS_KNOWN.search(text))


def children(catalog: Catalog) -> frozenset[int]:
    """Values of items that are for children."""
    wanted = [one.wants for one in catalog.contexts if one.name in _YOUNG]
    names = {wish for some in wanted for wish in some}
    return frozenset(
        v
        for v, (name, f) in enumerate(zip(catalog.value_names, catalog.value_facet, strict=True))
        if f"{catalog.facets[f].name}:{name}" in names
        and not (catalog.facets[f].multi_valued or catalog.facets[f].ordered)
    )


def otherwise(
    text: str, acts: Sequence[ParsedAct], catalog: Catalog, finder: MentionFinder
) -> tuple[ParsedAct, ...]:
    """The acts of a sentence, mended where its words tell that they were read otherwise.

    Args:
        text: The sentence.
        acts: As read.
        catalog: What it is about.
        finder: Finds what names something.
    """
    question = text.rstrip().endswith("?")
    if question and (pair := _two_compared(text, finder)):
        return pair
    if (topic := _cannot_tell(text, acts, catalog)) and (
        question or any(act.act in (_A.RELATIVE, _A.TOO) for act in acts)
    ):
        return (ParsedAct(_A.ASK_FACT, topic=topic),)
    if _ANYTHING.match(text):
        acts = [
            replace(act, act=_A.WANT, polarity=1, topic=text)
            if act.act == _A.ASK_FACT and act.value >= 0
            else act
            for act in acts
        ]
    if _SHORT_OF.search(text):
        named = [one for one in finder.find(text) if one.values]
        lacked = {value for one in named if _SHORT_OF.search(text[: one.start][-24:]) for value in one.values}
        acts = [act for act in acts if act.act != _A.WANT or act.value not in lacked]
    if skill := _SKILL.search(text):
        values = [v for one in finder.find(skill[1]) for v in one.values[:1]]
        acts = [act for act in acts if act.value not in values]
        acts = [*acts, *(ParsedAct(_A.WANT, value=v, polarity=1, topic=skill[1]) for v in values)]
    out = [act for act in acts if not (act.topic and _WOULD_BE.format(act.topic) in text.casefold())]
    if (young := _GRANDCHILD.search(text)) and not any(act.context >= 0 for act in out):
        out += [ParsedAct(_A.WANT, value=v, polarity=1, topic=young[0]) for v in sorted(children(catalog))]
    return tuple(out)


def unread(text: str) -> tuple[ParsedAct, ...]:
    """What a sentence about the item on the table means that was not understood otherwise."""
    if _OWNED.search(text):
        return (ParsedAct(_A.SEEN_IT),)
    return (ParsedAct(_A.ACCEPT),) if _PERFECT.search(text) else ()


def more_so(text: str) -> bool:
    """Whether somebody who named what they liked asks for more of it."""
    return bool(_MORE_SO.search(text))


def perfect(text: str) -> bool:
    """Whether it says that something is just right."""
    return bool(_PERFECT.search(text))


def dreads(text: str) -> bool:
    """Whether it tells what somebody cannot stand: after a question, why that was asked."""
    return bool(_DREAD.search(text))


def _two_compared(text: str, finder: MentionFinder) -> tuple[ParsedAct, ...]:
    """The same fact of two named items: "is Lisbon cheaper than Barcelona?"."""
    mentions = finder.find(text)
    items = [one.item for one in mentions if one.kind == MentionKind.TITLE and one.item >= 0]
    facets = [one.facet for one in mentions if one.kind == MentionKind.COMPARATIVE]
    if len(items) != 2 or len(facets) != 1:
        return ()
    return tuple(ParsedAct(_A.ASK_FACT, facet=facets[0], item=item) for item in items)


def _cannot_tell(text: str, acts: Sequence[ParsedAct], catalog: Catalog) -> str:
    """The name of what a sentence is about that the catalogue cannot tell; empty where it is about none."""
    if any(act.topic for act in acts if act.act == _A.ASK_FACT):
        return ""
    for one in catalog.declaration.unanswered:
        if re.search(rf"\b{re.escape(one.name.removesuffix('s'))}s?\b", text, re.IGNORECASE):
            return one.name
    return ""
