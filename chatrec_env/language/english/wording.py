"""The wording of every form, as data.

Six wordings per form, in one order: 0-1 terse and direct, 2-3 plain, 4 chatty, 5 hedged or indirect, so
that a person's talk style is a distribution over the index. Slots are filled by the grammar: the noun and
verb of the catalogue (``{noun}``, ``{nouns}``, ``{a_noun}``, ``{verb}``, ``{seen}``), the phrases of a value
(:class:`~chatrec_env.language.english.phrases.ValuePhrases`), the question noun of a facet (``{question}``,
``{a_question}``), its comparative (``{comparative}``), a title (``{title}``), a context's clause
(``{clause}``) or a rating (``{stars}``, ``{n_stars}``, ``{verdict}``). The first letter is capitalised
afterwards, so a wording may start with a slot.
"""

from __future__ import annotations

from typing import Final

from chatrec_env.language.english.answer_wording import NO_FACT, NOT_MAINLY, YES_OR_NO
from chatrec_env.language.english.system_wording import SYSTEM
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


REMARKS: Final[dict[Form, tuple[str, ...]]] = {
    Form.GREET: (
        "Hi.",
        "Hello.",
        "Hi, I'm looking for {a_noun}.",
        "Hello, I need something to {verb}.",
        "Hey there! I could use some help picking {a_noun}.",
        "Hi, I'm not quite sure what I'm after yet.",
    ),
    Form.ACCEPT_WARM: (
        "Perfect!",
        "Love it!",
        "That sounds great.",
        "Yes, that's exactly what I wanted.",
        "Oh wow, great pick, I'll {verb} that one right away!",
        "I think that might be just the thing.",
    ),
    Form.ACCEPT_PLAIN: (
        "OK.",
        "Sure.",
        "I'll take that one.",
        "That one works for me.",
        "Alright, sounds good, let's go with that one.",
        "I think I could go with that one.",
    ),
    Form.ACCEPT_COOL: (
        "Fine.",
        "It'll do.",
        "That's okay, I guess.",
        "I suppose that one is okay.",
        "Well, it's not perfect, but I'll give it a try.",
        "It isn't quite what I had in mind, but okay.",
    ),
    Form.REJECT_MILD: (
        "Not this one.",
        "Maybe not.",
        "It's not quite what I'm after.",
        "I don't think that's for me.",
        "Hmm, it looks nice, but it's not really my thing.",
        "I'm not sure that one is right for me.",
    ),
    Form.REJECT_FIRM: (
        "No thanks.",
        "Next.",
        "That's not for me.",
        "I don't want that one.",
        "No, sorry, that's really not what I'm looking for.",
        "I'd rather you showed me something else.",
    ),
    Form.REJECT_ANNOYED: (
        "No, come on.",
        "Definitely not.",
        "That's not at all what I asked for.",
        "No, that's nothing like what I wanted.",
        "Seriously? Did you even listen to what I said?",
        "I'm starting to wonder if you understand what I want.",
    ),
    Form.SEEN_IT: (
        "{seen} it.",
        "Already {seen} it.",
        "I've {seen} that one.",
        "I've already {seen} that one.",
        "Oh, I've {seen} that one before, got anything else?",
        "I think I may have {seen} that one already.",
    ),
    Form.MORE_LIKE_THAT: (
        "More like that.",
        "Another like that.",
        "I'd like another one like that.",
        "Can you show me something similar?",
        "That was great, what else do you have like it?",
        "Maybe you have something along the same lines?",
    ),
    Form.IMPATIENT: (
        "Just show me something.",
        "No more questions.",
        "That's a lot of questions.",
        "Can you just suggest something?",
        "Okay, enough questions, just show me {a_noun} already!",
        "I was hoping we'd get to the suggestions soon.",
    ),
    Form.YES: (
        "Yes.",
        "Yep.",
        "Yes, please.",
        "Yes, that's right.",
        "Yeah, that's exactly it, you got it.",
        "I think so, yes.",
    ),
    Form.NO: (
        "No.",
        "Nope.",
        "No, not really.",
        "No, that's not it.",
        "Nah, that isn't what I meant at all.",
        "I don't think so, no.",
    ),
    Form.THANK_LEAVE: (
        "Thanks, bye.",
        "Thank you, goodbye.",
        "Thanks, that's all I needed.",
        "Thank you, I'm done for now.",
        "Thanks a lot, this was really helpful, bye!",
        "I think I'm all set, thank you.",
    ),
    Form.LEAVE_UNHAPPY: (
        "Bye.",
        "I'm done here.",
        "This isn't working, bye.",
        "I'll look somewhere else.",
        "Sorry, but this is going nowhere, so I'm leaving.",
        "Maybe I'll just look for one myself.",
    ),
    Form.SMALL_TALK: (
        "Long day.",
        "Lovely weather today.",
        "I just got home from work.",
        "My cat is asleep on my lap.",
        "It's been quite a week, but I can finally relax a little.",
        "I wonder if it's going to rain later.",
    ),
    Form.MOOD_BORED: (
        "Same again.",
        "These all feel the same.",
        "This is getting a bit samey.",
        "We keep going round in circles.",
        "Hm, they're all starting to blur together, aren't they?",
        "I suppose I was hoping for a bit more variety.",
    ),
    Form.MOOD_PLEASED: (
        "Nice one.",
        "You're good at this.",
        "This is going really well.",
        "I like what you've shown me.",
        "Wow, you really get my taste, don't you?",
        "I have to say, you seem to know what I like.",
    ),
    Form.RATE: (
        "{stars} out of five.",
        "{n_stars}.",
        "I'd give it {stars} out of five.",
        "It gets {n_stars} from me.",
        "{verdict}, so {stars} out of five from me.",
        "I'd say maybe {stars} out of five.",
    ),
}

VERDICTS: Final = ("I hated it", "I didn't like it much", "it was all right", "I liked it", "I loved it")
PLACES: Final = ("first", "second", "third", "fourth", "fifth", "last")
STARS: Final = ("one", "two", "three", "four", "five")


__all__ = ["NOT_COMPARABLE", "NOT_MAINLY", "NO_FACT", "PLACES", "STARS", "VERDICTS", "WORDINGS", "YES_OR_NO"]

WORDINGS: Final[dict[Form, tuple[str, ...]]] = WISHES | REMARKS | SYSTEM
