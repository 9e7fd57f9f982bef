"""What the person says about the suggestion and the conversation."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.forms import Form

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

VERDICTS: Final = ("I hated it", "I didn't like it much", "It was all right", "I liked it", "I loved it")
STARS: Final = ("one", "two", "three", "four", "five")
