"""What the system says: brief, tactful, never more than it knows."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.english.answer_wording import ANSWERS
from chatrec_env.language.forms import Form

PROPOSALS: Final[dict[Form, tuple[str, ...]]] = {
    Form.S_GREET: (
        "Hi! What are you looking for?",
        "Hello! What can I find for you?",
        "Hello, what would you like to {verb}?",
        "Hi, I can help you find {a_noun}.",
        "Welcome! Tell me a little about what you like to {verb}.",
        "Hello, shall we find something for you to {verb}?",
    ),
    Form.S_ASK: (
        "Which {question}?",
        "Any particular {question}?",
        "What {question} do you have in mind?",
        "Which {question} would suit you best?",
        "Tell me, is there {a_question} you would especially like?",
        "Would you happen to have {a_question} in mind?",
    ),
    Form.S_CONFIRM: (
        "{something}, then?",
        "So, {something}?",
        "You'd like {one}, right?",
        "Are you looking for {something}?",
        "Just to be sure, you're after {something}, is that right?",
        "Would {something} suit you, perhaps?",
    ),
    Form.S_RECOMMEND: (
        "Try this one.",
        "How about this one?",
        "I think you would like this one.",
        "Here is one that should suit you.",
        "I have a good one for you, take a look at this.",
        "Perhaps this one could be something for you?",
    ),
    Form.S_ITEM: (
        "{title}: {sentence}",
        "This is {title}. {sentence}",
        "{title}. {sentence}",
        "It is {title}. {sentence}",
        "I have {title} here. {sentence}",
        "My pick is {title}. {sentence}",
    ),
    Form.S_EXPLAIN_VALUE: (
        "You asked for {something}.",
        "You wanted {something}.",
        "I picked it because you asked for {something}.",
        "It fits your wish for {something}.",
        "You mentioned {something}, and this one fits that nicely.",
        "It may suit you, as you asked for {something}.",
    ),
    Form.S_EXPLAIN_ITEM: (
        "It is close to {title}, which you liked.",
        "You liked {title}, and this one is similar.",
        "It is a lot like {title}, which you liked.",
        "It should suit you, since you liked {title}.",
        "You enjoyed {title}, so I think this one fits.",
        "It may suit you, as you liked {title}.",
    ),
    Form.S_SORRY: (
        "Sorry about that.",
        "My mistake, sorry.",
        "Sorry, let me try again.",
        "I'm sorry that one did not suit you.",
        "Sorry, I see, let's find one that suits you better.",
        "I may have misunderstood you, sorry.",
    ),
    Form.S_CLOSE: (
        "Enjoy!",
        "Goodbye!",
        "Enjoy, and see you next time.",
        "I'm glad I could help, goodbye.",
        "It was nice talking to you, have a lovely day!",
        "I hope you found something you like, goodbye.",
    ),
    Form.S_EXPLAIN_POPULAR: (
        "It is very popular.",
        "Many people like it.",
        "It is one of our most popular {nouns}.",
        "A lot of people have {seen} it.",
        "Nearly everyone seems to know this one, and for good reason.",
        "It might suit you, as so many people enjoy it.",
    ),
    Form.S_EXPLAIN_ACCLAIM: (
        "It is highly rated.",
        "It has excellent reviews.",
        "It is one of our most praised {nouns}.",
        "People who know {nouns} rate it highly.",
        "It has been praised everywhere, so it is well worth your time.",
        "It is said to be among the best of its kind.",
    ),
    Form.S_SLATE: (
        "Try one of these.",
        "How about one of these?",
        "I think you would like one of these.",
        "Here are a few that should suit you.",
        "I have some good ones for you, take a look at these.",
        "Perhaps one of these could be something for you?",
    ),
    Form.S_STARTERS: (
        "Here are a few to start with.",
        "Does one of these appeal?",
        "Here are a few {nouns} of different kinds.",
        "Let's start with a few different {nouns}, does one appeal?",
        "I don't know your taste yet, so here are a few very different {nouns}.",
        "Perhaps one of these is near what you like? They are quite different.",
    ),
}

REASONS: Final[dict[Form, tuple[str, ...]]] = {
    Form.S_WHY_LIKENESS: (
        "You named {title}, and this one is close to it.",
        "It is close to {title}, which you named.",
        "I picked it because you named {title}.",
        "It is a lot like {title}, which you named.",
        "You mentioned {title}, so I looked for one like it.",
        "It may suit you, as you named {title}.",
    ),
    Form.S_WHY_GUESS: (
        "It is a guess.",
        "Honestly, just a guess.",
        "I have to admit, it is a guess.",
        "I know little of your taste yet, so I guessed.",
        "You have not told me much yet, so this one is an honest guess.",
        "I would not call it more than a guess, to be honest.",
    ),
}

REPAIRS: Final[dict[Form, tuple[str, ...]]] = {
    Form.S_MISMATCH: (
        "Sorry, that isn't {but}.",
        "Right, that isn't {but}, sorry.",
        "You're right, that isn't {but}, sorry.",
        "Sorry, you asked for {something}, and that isn't it.",
        "You're right, you asked for {something}, let me put that right.",
        "I see, that isn't {but}, I must have got that wrong, sorry.",
    ),
    Form.S_UNDERSTOOD: (
        "{wish}, I take it.",
        "So, {wish}?",
        "I understood: {wish}.",
        "If I got you right: {wish}.",
        "Let me see if I got you right, you said: {wish}?",
        "I'm not quite sure, but I think it was: {wish}.",
    ),
    Form.S_NOT_UNDERSTOOD: (
        "Sorry, I didn't get that.",
        "I didn't understand that.",
        "Sorry, could you say that another way?",
        "I'm not sure I understood, what kind of {noun} is it?",
        "I'm sorry, I didn't quite get that, could you put it differently?",
        "I'm afraid I missed your meaning, would you try other words?",
    ),
    Form.S_START_OVER: (
        "OK, let's start afresh.",
        "Sure, from the start.",
        "All right, we begin again.",
        "OK, I have forgotten all of it.",
        "No problem, everything is cleared, what would you like to {verb}?",
        "Of course, perhaps a fresh start helps, what are you after?",
    ),
    Form.S_UNDONE: (
        "OK, I took that back.",
        "All right, never mind that.",
        "OK, that doesn't count any more.",
        "No problem, I have taken that back.",
        "Sure, I have taken back what you said last, go on.",
        "Of course, it's as if you had not said it.",
    ),
    Form.S_HELP: (
        "Tell me what you like.",
        "Say what you want to {verb}.",
        "Tell me what you want, or ask about {a_noun}.",
        "I suggest {nouns}: tell me what you like or don't.",
        "I can find you {a_noun}: say what you like, and ask about what I show.",
        "You could tell me what kind of {noun} you like, or name one you liked.",
    ),
    Form.S_CALM: (
        "I'm sorry, I'll try harder.",
        "Sorry this annoys you.",
        "I see this is annoying, I'm sorry.",
        "I'm sorry, let's try once more.",
        "I understand that you're annoyed, tell me what was wrong about it.",
        "I'm sorry this isn't going well, perhaps tell me what is missing?",
    ),
    Form.S_LANGUAGE: (
        "Sorry, I only read English.",
        "In English, please.",
        "I'm afraid I only read English.",
        "Sorry, I understand nothing but English so far.",
        "I'm sorry, I can only read English, could you say that in English?",
        "I wish I could read that, but I understand only English.",
    ),
}

GOODBYES: Final[dict[Form, tuple[str, ...]]] = {
    Form.S_CLOSE_WARM: (
        "Enjoy {title}!",
        "Good choice, enjoy {title}!",
        "{title} it is, enjoy!",
        "I hope you like {title}!",
        "Lovely, {title} then. Enjoy it!",
        "{title}, then. I hope it's just right for you.",
    ),
    Form.S_OFFER_MORE: (
        "One more like it?",
        "Shall I find another?",
        "Would you like one more like it?",
        "Shall I look for another one like it?",
        "Glad you like it, would you care for one more like that?",
        "If you like, I could look for one more of the kind.",
    ),
}

SYSTEM: Final = PROPOSALS | REASONS | ANSWERS | REPAIRS | GOODBYES
