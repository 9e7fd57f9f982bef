"""What the person says about values, facets, items and the situation."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.forms import Form

WISHES: Final[dict[Form, tuple[str, ...]]] = {
    Form.WANT: (
        "{something}.",
        "{something}, please.",
        "I'd like {one}.",
        "I'm looking for {something}.",
        "I'm really in the mood for {something} right now.",
        "I guess I could go for {something}.",
    ),
    Form.ANSWER: (
        "{short}.",
        "{many}, please.",
        "{something} would be good.",
        "Let's say {something}.",
        "Oh, that's easy, {something} for sure.",
        "Hmm, maybe {something}, if I had to pick.",
    ),
    Form.WANT_PAIR: (
        "{one}.",
        "{one}, please.",
        "I'd like {one}.",
        "Do you have {one}?",
        "I'm really in the mood for {one} right now.",
        "I guess {one} could be nice.",
    ),
    Form.AVOID: (
        "{nothing}.",
        "No {many}, please.",
        "I don't want {anything}.",
        "I'm not a fan of {many}.",
        "Honestly, I can't stand {many}, so leave those out.",
        "I'd rather not {verb} {anything}, if that's okay.",
    ),
    Form.DONT_KNOW: (
        "No idea.",
        "Don't know.",
        "I don't know what {question}.",
        "I'm not sure about the {question}.",
        "Good question, I haven't really thought about the {question}.",
        "Hmm, it's hard to say what {question} I want.",
    ),
    Form.NO_PREFERENCE: (
        "Any.",
        "Doesn't matter.",
        "Any {question} is fine.",
        "I don't mind what {question}.",
        "Oh, I'm easy, any {question} will do.",
        "I suppose the {question} doesn't really matter to me.",
    ),
    Form.LIKED_ITEM: (
        "I liked {title}.",
        "Loved {title}.",
        "I really enjoyed {title}.",
        "One I liked is {title}.",
        "Oh, I absolutely loved {title}!",
        "I think I quite liked {title}.",
    ),
    Form.TOO: (
        "{critique}.",
        "{critique} for me.",
        "That's {critique}.",
        "It's {critique} for my taste.",
        "Oh no, that's just {critique} for me right now.",
        "That might be {critique} for me, I'm afraid.",
    ),
    Form.RELATIVE: (
        "Something {comparative}.",
        "{comparative}, please.",
        "Do you have something {comparative}?",
        "I'd like something {comparative} than that.",
        "Nice idea, but could we try something a bit {comparative}?",
        "I wonder if there's anything slightly {comparative}.",
    ),
    Form.LIKE_BUT: (
        "Like that, but {but}.",
        "Similar, but {but}.",
        "Something like that, but {but}, please.",
        "I'd like one like that, but {but}.",
        "That's close, could you find one like it, but {but}?",
        "Maybe something along those lines, but {but}, if possible.",
    ),
    Form.CHANGE_MIND: (
        "Actually, {something}.",
        "{something} instead.",
        "I've changed my mind, {something} please.",
        "Actually, I'd rather have {one}.",
        "You know what, forget that, let's go for {something}.",
        "On second thought, maybe {something} would be better.",
    ),
    Form.ENOUGH_OF: (
        "Enough {many}.",
        "No more {many}, please.",
        "I've had enough of {many}.",
        "I've {seen} enough {many} lately.",
        "That's plenty of {many} for one day, let's try something else.",
        "I might be getting a little tired of {many}.",
    ),
    Form.CONTEXT: (
        "{clause}.",
        "So, {clause}.",
        "Just so you know, {clause}.",
        "I should mention that {clause}.",
        "Oh, by the way, {clause}, so keep that in mind.",
        "It may matter that {clause}.",
    ),
}

NOT_COMPARABLE: Final[tuple[str, ...]] = (
    "A different {question}.",
    "Another {question}, please.",
    "Do you have a different {question}?",
    "I'd like a different {question} than that.",
    "Nice idea, but could we try a different {question}?",
    "I wonder if there's one with a different {question}.",
)
"""``RELATIVE`` for facets without comparative words: sayable, but nothing to compare."""
