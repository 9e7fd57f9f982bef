"""What a typed sentence tells beyond its dialogue acts: words of English that the service listens for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import Cues, Saying

_COMPLAINT: Final = re.compile(
    r"\b(?:is (?:this|that)|are (?:these|those)) (?:(?:supposed|meant) to be |some kind of )?a (?:joke|prank)\b"
    r"|\bare you (?:kidding|joking|serious|for real|having a laugh|out of your mind)\b"
    r"|\byou(?: must|['’]?ve got to|['’]?re| are) (?:be )?(?:kidding|joking|out of your mind)\b"
    r"|\byou (?:can['’]?t|cannot) be serious\b|\byou call (?:this|that)\b",
    re.IGNORECASE,
)
_REFUSAL: Final = re.compile(
    r"\b(?:why|who) (?:on earth |the hell |in the world )?would (?:ever )?(?:i|we|any(?:one|body)|want|watch|like)\b"
    r"|\bdo (?:i|we) (?:look|sound|seem) like\b",
    re.IGNORECASE,
)
_EASY: Final = re.compile(
    r"\b(?:it|that)(?:['’]?s| is|) not (?:that |so |really )?(?:hard|difficult|complicated)\s*[.!]*$"
    r"|\b(?:not|hardly) rocket science\b|\bhow (?:hard|difficult) can (?:it|that|this) be\b",
    re.IGNORECASE,
)
_OWNED: Final = re.compile(
    r"\b(?:he|she|we|they|i|you)(?:['’](?:s|ve)|s| has| have|) (?:already )?(?:got|owns?|have|has) "
    r"(?:(?:one|two|some) (?:of (?:those|these|them))?|one|that(?: one)?|it|this|these|those)\b"
    r"|\balways (?:play|watch|read|listen to|use|go)\b|\b(?:by heart|a hundred times|forty times)\b",
    re.IGNORECASE,
)
_PERFECT: Final = re.compile(
    r"\b(?:that|this|it)(?: all)?(?:['’]s| is| sounds| looks) (?:just )?(?:perfect|ideal|exactly it|just right)\W*$",
    re.IGNORECASE,
)
_WORKING: Final = re.compile(
    r"\W*(?:(?:ok|okay|k|fine|alright|yes|yeah|yep|sure|cool|great|nice|good|oh|well|hm+)\W+){0,2}"
    r"(?:(?:that|this|it)(?: one)?(?:['’]ll| will|['’]d| would)? (?:works?|do(?:es)?(?: it| nicely| fine)?)|works)"
    r"(?: (?:for (?:me|us)|nicely|fine|then))*\W*(?:(?:thanks|thank you|thx|cheers|then)\W*)*",
    re.IGNORECASE,
)
_TAKING: Final = re.compile(
    r"(?:(?:ok|okay|k|fine|alright|yes|yeah|yep|sure|deal|good|right)\W+){0,2}(?:that|this)(?: one)?(?: then)?\W*",
    re.IGNORECASE,
)
_AGREEING: Final = re.compile(
    r"(?:(?:y|yes|yeah|yep|yup|yea|ok|okay|k|sure|alright|all right|fine|deal|agreed|sounds good|why not)\b\W*)+"
    r"(?:(?:please|then|thanks|thank you)\b\W*)*",
    re.IGNORECASE,
)
_DECLINING: Final = re.compile(r"(?:(?:n|no|nope|nah)\b\W*)+(?:(?:thanks|thank you)\b\W*)?", re.IGNORECASE)
_OF_IT: Final = re.compile(
    r"\b(?:is|isn['’]?t|was|were|are|does|do|did|has|have|will|would|can)(?:n['’]?t)? "
    r"(?:it|this|that|these|those|they|he|she)\b(?! (?:possible|ok|okay|too much)\b)"
    r"|\b(?:which|what)(?: one| ones)?(?: of \w+)?(?:['’]s| is| are) (?:the )?(?:\w+est|most|least)\b",
    re.IGNORECASE,
)
_REPORTED: Final = re.compile(
    r"^\s*(?:(?:my|our|the) )?[^\W\d]+ says?,?\s+(?=(?:no|not|nothing|nowhere|something|somewhere|only)\b)(.+)",
    re.IGNORECASE,
)
_CORRECTED: Final = re.compile(
    r"\W*(?:(?:no+|nope|nah|not that|not this|wrong|sorry|wait|hey|but|actually)\b\W*)+"
    r"i(?:['’]ve|['’]d| have| had| did)? (?:clearly |just |already |actually )?"
    r"(?:say|said|mean|meant|asked for|told you)\b\W*(.+)",
    re.IGNORECASE,
)
_NOT_THEM: Final = re.compile(
    r"\W*(?:(?:no+|nope|please|but|just)\b\W*)*(?:not|never|anyone but|anybody but) "
    r"(?:him|her|them)\b\W*(?:please)?\W*",
    re.IGNORECASE,
)
_END: Final = r"(?=[,.;:!?()]|\bbut\b|\bplease\b|\bbecause\b|$)"
_SPARED: Final = re.compile(
    r"\b(?:nothing|nowhere|none|not one|not something|no \w+)\s+(?:with|where|about|in which|that has|full of)\s+"
    rf"(?P<what>\w+\W+\w.*?){_END}"
    r"|\bno (?!more|one|need|idea|problem|rush|hurry|thanks?|way|clue|doubt|matter|preference|longer|less|worries|luck"
    r"|time|point|use|good|kidding)(?P<word>[a-z]{4,})\b",
    re.IGNORECASE,
)
_OF_THE_PERSON: Final = re.compile(
    r"(?:an? |the |some )?"
    r"(?:my|our|me|us|her|him|them|you|your|it|that|this|friends?|famil\w+|kids?|children|people)\b",
    re.IGNORECASE,
)
_YOUNG_ONE: Final = re.compile(
    r"\b(?:grand(?:son|daughter|child|children|kids?)|nephews?|nieces?|god(?:son|daughter|child)"
    r"|little (?:boy|girl|one|ones|brother|sister)|toddlers?)\b",
    re.IGNORECASE,
)
_WEAK_AT: Final = re.compile(
    r"\b(?:bad|terrible|useless|no good|hopeless|weak|rubbish|awful|not good) (?:at|with|in)\s+$",
    re.IGNORECASE,
)
_RUSTY: Final = re.compile(
    r"\bmy (\w+)(?: skills?)? (?:is|are) (?:zero|nil|bad|poor|rusty|basic|terrible|awful|non-?existent|weak)\b",
    re.IGNORECASE,
)
_KNOWN_TO_ALL: Final = re.compile(
    r"\b(?:every(?:one|body)|(?:the )?(?:whole|half the) (?:world|planet)|nobody (?:hasn['’]?t|who|left)"
    r"|who hasn['’]?t|we all|all of us)\b.{0,30}\b(?:seen|knows?|watched|read|heard|owns?|been|names?)\b",
    re.IGNORECASE,
)
_LESS_KNOWN: Final = re.compile(
    r"\b(?:less(?:er)? (?:well )?known|less famous|hidden gems?|obscure|underrated"
    r"|too (?:famous|mainstream|obvious|popular|well known)|(?:no|nothing|not (?:so|too)) mainstream"
    r"|nobody (?:has (?:ever )?)?(?:heard|knows))",
    re.IGNORECASE,
)
_DREAD: Final = re.compile(
    r"\b(?:hates?|can['’]?t stand|allergic|rather not|scares? easily|scared|afraid|(?:don['’]?t|doesn['’]?t) like"
    r"|dislikes?|nightmares?|faints?)\b|\b(?:she|he|they|i|we)['’]d hate\b",
    re.IGNORECASE,
)
_WISH: Final = re.compile(
    r"\b(?:want|like|love|need|prefer|look|hop|fancy|feel|something|rather|after|please|wish)", re.IGNORECASE
)
_LIKE_WHAT: Final = re.compile(
    r"[\s,;:.(-]*(?:the (?:one|film|movie|book)|it['’]?s|one|with|where|in which|about|a|an)\b(?:\W+\w+){3,}",
    re.IGNORECASE,
)
_SEQUEL: Final = re.compile(
    r"[\s:,-]+(?:(?:part|chapter|episode|volume|vol\.?) )?(?:\d{1,2}|i{2,3}|iv|vi{1,3}|ix)\b(?![:.]\d)",
    re.IGNORECASE,
)
_EXTREME: Final = re.compile(
    r"\b(?:which|what)\b(?! is (?:a|an)\b).*?\b(?!best|interest|request|west|forest|test|rest|latest)"
    r"(?:(?P<stem>[a-z]{2,})est|(?P<more>most|least) (?P<word>[a-z]{3,}))\b",
    re.IGNORECASE,
)
_MORE_SO: Final = re.compile(
    r"\bmore (?:in|of|like|along)\b|\b(?:similar|like (?:that|it|those|them))\b|\b(?:that|this) direction\b"
    r"|\b(?:same|those|these) (?:lines?|vein|kind|sort)\b",
    re.IGNORECASE,
)
_PLAINLY: Final = tuple(
    (re.compile(idiom, re.IGNORECASE), plain)
    for idiom, plain in (
        (
            r"\b(?:it |they |that )?(?:must|should|can|wo|does|do|need)(?:n['’]?t| ?not) (?:have to )?"
            r"(?:cost (?:the earth|a fortune|a bomb|an arm and a leg|too much|a lot)|break the bank|ruin (?:me|us))\b",
            "not too expensive",
        ),
        (r"\bwithout (?:breaking the bank|spending (?:a fortune|too much|much))\b", "not too expensive"),
        (r"\bwould be (?:great |good |nice |such )?fun\b", "would be nice"),
        (
            r"\b(?:is|are) there (?:any )?(?:singing|vocals|a singer|lyrics|words)(?: (?:on|in) (?:it|this|that))?",
            "which language is it in",
        ),
        (r"\bmov(?:e|ing) (?=(?:to|abroad|back|house)\b)", "going "),
        (r"\s*[,.;!-]+ *(?:got it|understood|you hear(?: me)?|is that clear|ok(?:ay)?) *\?+\s*$", ""),
        (
            r"\b(?:can|could|will|would) (?:it|this|that|they|you) (?:get|be|make it|arrive|come|ship)"
            r"(?: it)?(?: here)?"
            r"(?= (?:by|before|until|in time for) )",
            "can it be delivered",
        ),
        (
            r"\bwhat (?:is|['’]?s) there to do\b|\bis there (?:anything|much|a lot|enough) to do\b",
            "what activity is it",
        ),
        (
            r"\b(?:do i (?:need|have) to|should i|must i) (?:already )?(?:know|be able to|have done) "
            r"(?:anything|something|much|a lot)(?: beforehand| already| before)?",
            "which level is it",
        ),
    )
)
_SAD_NEWS: Final = re.compile(
    r"\b(?:(?:s?he|they|my \w+) (?:just )?(?:left|dumped|ditched|walked out on) me"
    r"|(?:we|i) (?:just )?(?:broke|split) up"
    r"|my [\w ]{3,20} (?:just )?(?:died|passed away)|(?:got|was|been) (?:fired|sacked|laid off|dumped)"
    r"|i(?:['’]ve| have)? (?:just )?lost my (?:job|mum|mom|dad|mother|father|husband|wife|dog|cat)"
    r"|heart ?broken|in hospital)\b",
    re.IGNORECASE,
)
_FOR_WHOM: Final = re.compile(
    r"\bfor ((?:my|our|his|her) (?:\w+[- ]in[- ]law|(?:grand|god)?(?:mother|father|parents|mum|mom|ma|pa)"
    r"|dad|granny|grandma|grandpa|nan|aunt|uncle|boss|neighbou?r|sister|brother|cousin|flatmate|colleagues?|teacher))\b",
    re.IGNORECASE,
)
_WEIGHS: Final = re.compile(
    r"\bmore (?:of )?(?:an? )?[\w-]+(?: \w+)? or (?:is it )?(?:more )?(?:of )?(?:an? )?[\w-]+", re.IGNORECASE
)
_OR: Final = re.compile(
    r"[,\s]*(?:or|and/or)(?: (?:maybe|perhaps|else|even|an?|some|something))*\s*", re.IGNORECASE
)
_COMMA: Final = re.compile(r",\s*(?:an? |some(?:thing)? )?", re.IGNORECASE)


def _plainly(text: str) -> str:
    for idiom, plain in _PLAINLY:
        text = idiom.sub(plain, text)
    return text


def _for_any(text: str, nouns: Sequence[str]) -> bool:
    noun = "|".join(re.escape(one.removesuffix("s")) for one in (*nouns, "something", "anything"))
    return bool(
        re.fullmatch(
            r"\W*(?:(?:please|hi|hello|hey|so|ok|and|just)\W+)*"
            r"(?:(?:i|we)(?:['’]?d| would|['’]?m| am)? (?:just |really )?"
            r"(?:need|want|like|looking for|fancy|could use|am after|after)|give me|find me|recommend(?: me)?|show me)"
            rf"(?: to (?:\w+))?(?: (?:an?|some|any|new|good|the))* (?:{noun})s?(?: (?:please|now|to \w+))?\W*",
            text,
            re.IGNORECASE,
        )
    )


def _own_tongue(text: str, tongue: str) -> bool:
    name = re.escape(tongue)
    return bool(
        re.search(
            rf"\b(?:my|bad|good|little|speak|write|learning)(?: \w+)? {name}\b|\b{name} (?:is not|isn['’]?t) my\b",
            text,
            re.IGNORECASE,
        )
    )


def _holds(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None


def _begins(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.match(text) is not None


def _is(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.fullmatch(text) is not None


def _at_start(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found[0] if found else ""


def _less_known(text: str) -> bool:
    return _holds(_KNOWN_TO_ALL, text) or _holds(_LESS_KNOWN, text)


def _first(pattern: re.Pattern[str], group: int, text: str) -> str:
    found = pattern.search(text)
    return found[group] if found else ""


def _spared(text: str) -> list[str]:
    found = [(one["what"] or one["word"]).strip() for one in _SPARED.finditer(text)]
    return [one for one in found if not _OF_THE_PERSON.match(one)]


def _known_to_all(text: str) -> bool:
    return not text.rstrip().endswith("?") and _holds(_KNOWN_TO_ALL, text)


def _same(text: str, column: str) -> bool:
    return bool(re.search(rf"\bsame {re.escape(column.removesuffix('s'))}s?\b", text, re.IGNORECASE))


def _extreme(text: str) -> tuple[str, str]:
    found = _EXTREME.search(text)
    if not found:
        return "", ""
    if found["stem"]:
        return f"{found['stem']}est", f"{found['stem']}er"
    more = "more" if found["more"].lower() == "most" else "less"
    return f"{found['more']} {found['word']}", f"{more} {found['word']}"


_IDLE: Final = "before after behind under over during without front like much him her them"

CUES: Final = Cues(
    sayings=(
        Saying(matches=partial(_holds, _COMPLAINT), acts=(UserAct.INSULT, UserAct.REJECT)),
        Saying(matches=partial(_holds, _REFUSAL), acts=(UserAct.REJECT,)),
        Saying(matches=_known_to_all, acts=(UserAct.REJECT,)),
        Saying(matches=partial(_is, _AGREEING), acts=(UserAct.ACCEPT,)),
        Saying(matches=partial(_is, _DECLINING), acts=(UserAct.REJECT,)),
        Saying(matches=partial(_holds, _EASY), acts=(UserAct.IMPATIENT,), on_table=False),
        Saying(matches=partial(_holds, _PERFECT), acts=(UserAct.ACCEPT,), last=True),
        Saying(matches=partial(_is, _TAKING), acts=(UserAct.ACCEPT,), last=True),
        Saying(matches=partial(_is, _WORKING), acts=(UserAct.ACCEPT,), last=True),
        Saying(matches=partial(_holds, _OWNED), acts=(UserAct.SEEN_IT,), last=True),
    ),
    of_it=partial(_holds, _OF_IT),
    reported=partial(_first, _REPORTED, 1),
    corrected=partial(_first, _CORRECTED, 1),
    plainly=_plainly,
    sad_news=partial(_holds, _SAD_NEWS),
    for_any=_for_any,
    yours=partial(re.compile(r"\b(?:my|our)\b", re.IGNORECASE).sub, "your"),
    idle=frozenset(_IDLE.split()),
    novice="for beginners",
    for_whom=partial(_first, _FOR_WHOM, 1),
    weighs=partial(_holds, _WEIGHS),
    not_them=partial(_is, _NOT_THEM),
    own_tongue=_own_tongue,
    spared=_spared,
    weak_at=partial(_holds, _WEAK_AT),
    rusty=partial(_first, _RUSTY, 1),
    less_known=_less_known,
    dreads=partial(_holds, _DREAD),
    wishes=partial(_holds, _WISH),
    tells_what=partial(_begins, _LIKE_WHAT),
    sequel=partial(_at_start, _SEQUEL),
    extreme=_extreme,
    more_so=partial(_holds, _MORE_SO),
    either=partial(_is, _OR),
    listed=partial(_is, _COMMA),
    same=_same,
    young_one=partial(_first, _YOUNG_ONE, 0),
    young=frozenset(("kids", "children")),
)
