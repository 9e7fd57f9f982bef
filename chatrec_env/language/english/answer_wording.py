"""What the system answers when people ask about an item: facts of its card, and what it cannot tell."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.facts import Truth
from chatrec_env.language.forms import Form

ANSWERS: Final[dict[Form, tuple[str, ...]]] = {
    Form.S_FACT: (
        "It {clause}.",
        "This one {clause}.",
        "That one {clause}.",
        "It {clause}, by my list.",
        "Let me see: it {clause}.",
        "As far as I know, it {clause}.",
    ),
    Form.S_FACT_OF: ("{title}: it {clause}.",),
    Form.S_HAS_ENTITY: (
        "Yes, {name} it is.",
        "Yes, {name} is among the names I have for it.",
        "No, {name} is not among the names I have for it.",
        "No, not {name}.",
    ),
    Form.S_PLOT: (
        "In short: {whole}",
        "In a sentence: {whole}",
        "What I have on it: {whole}",
        "Here is what I know: {whole}",
        "My list puts it like this: {whole}",
        "It goes like this: {whole}",
    ),
    Form.S_OPINION: (
        "It's {judged}.",
        "By its ratings, {judged}.",
        "By the ratings I have, it's {judged}.",
        "I can only say that it's {judged}.",
        "I can't judge it myself, but going by its ratings, it's {judged}.",
        "Tastes differ, but as far as I can tell, it's {judged}.",
    ),
    Form.S_UNKNOWN: (
        "I don't know {thing}.",
        "I can't tell {thing}.",
        "Sorry, I don't know {thing}.",
        "I'm afraid I can't tell you {thing}.",
        "Good question, but I have nothing on {thing}, I'm sorry.",
        "I'd rather not guess, because I don't know {thing}.",
    ),
    Form.S_KEEP: (
        "Does it suit you?",
        "Would you like it?",
        "Does that help you decide?",
        "Shall we go with it?",
        "Does that make it the right one, or shall I look further?",
        "Perhaps it suits you all the same, what do you think?",
    ),
    Form.S_NOT_HERE: (
        "I don't have that one, but this is close.",
        "That one isn't here, but this is close.",
        "I don't have that one, the nearest I have is this.",
        "Sorry, that one isn't on my list, this is the nearest.",
        "That one isn't on my list, I'm afraid, but this is the nearest I have.",
        "I looked and couldn't find that one, so perhaps this would do instead?",
    ),
}

NO_FACT: Final = {
    Form.S_FACT: "I don't know {thing}.",
    Form.S_FACT_OF: "{title}: I don't know {thing}.",
}
"""Where the card of the item holds nothing on the topic."""

YES_OR_NO: Final[dict[Truth, tuple[str, ...]]] = {
    Truth.YES: (
        "Yes, it's {but}.",
        "It is, yes, {but}.",
        "Yes, you could say it's {but}.",
        "Yes, I have it down as {one}.",
        "Yes indeed, my list has it down as {one}.",
        "I would say so, I have it down as {one}.",
    ),
    Truth.NO: (
        "No, it isn't {but}.",
        "It isn't {but}, no.",
        "No, it's not down as {one}.",
        "No, I wouldn't say it's {but}.",
        "No, at least I don't have it down as {one}.",
        "I wouldn't say so, I don't have it down as {one}.",
    ),
    Truth.NOT_KNOWN: (
        "I don't know if it's {but}.",
        "I can't tell if it's {but}.",
        "Sorry, I don't know if it's {but}.",
        "I'm not sure whether it's {but}.",
        "Good question, but my list doesn't tell whether it's {but}.",
        "I would have to guess whether it's {but}, so I'd rather not.",
    ),
}
"""``S_HAS_VALUE``, by the truth."""

NOT_MAINLY: Final = (
    "Not mainly {but}, no.",
    "Not really {but}, no.",
    "No, it isn't mainly {but}.",
    "Not that I know, it isn't mainly {but}.",
    "No, at least I don't have it down as {one} mainly.",
    "I wouldn't say so, at least it isn't mainly {but}.",
)
"""``S_HAS_VALUE`` with ``Truth.NO``, of facets of which a card tells only the main values."""
