"""What the system says: brief, tactful, never more than it knows."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.forms import Form

SYSTEM: Final[dict[Form, tuple[str, ...]]] = {
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
}
