"""What a person does with a sentence, as a clause for a prompt: "ask whether the film is scary"."""

from __future__ import annotations

from typing import Final

from chatrec_env.catalog import Catalog
from chatrec_env.language.facts import topics
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.grammar import Grammar
from simulators.llm.sanitize import plain

_PLACES: Final = ("first", "second", "third", "fourth", "fifth", "last")

CLAUSES: Final[dict[Form, str]] = {
    Form.GREET: "say hello",
    Form.WANT: "say what they want: {it}",
    Form.ANSWER: "answer a question with what they want: {it}",
    Form.WANT_PAIR: "say what they want: {it}",
    Form.AVOID: "say what they do not want: {it}",
    Form.NOTION: "say what they have in mind: {it}",
    Form.MEANT: "say what they had in mind instead of what was suggested: {it}",
    Form.DONT_KNOW: "say that they do not know what {it} they want",
    Form.NO_PREFERENCE: "say that any {it} will do",
    Form.LIKED_ITEM: "name a {noun} they liked: {it}",
    Form.ACCEPT_WARM: "take what was suggested, gladly",
    Form.ACCEPT_PLAIN: "take what was suggested",
    Form.ACCEPT_COOL: "take what was suggested, without being sure of it",
    Form.REJECT_MILD: "turn down what was suggested, kindly",
    Form.REJECT_FIRM: "turn down what was suggested",
    Form.REJECT_ANNOYED: "turn down what was suggested, annoyed",
    Form.SEEN_IT: "say that they know what was suggested already",
    Form.TOO: "find what was suggested too much of this: {it}",
    Form.RELATIVE: "want one that is different in this: {it}",
    Form.MORE_LIKE_THAT: "want more like what was suggested",
    Form.LIKE_BUT: "want one like what was suggested, but this: {it}",
    Form.CHANGE_MIND: "change their mind and want this instead: {it}",
    Form.ENOUGH_OF: "have had enough of this: {it}",
    Form.IMPATIENT: "are tired of questions and want a suggestion",
    Form.CONTEXT: "say who it is for: {it}",
    Form.YES: "say yes",
    Form.NO: "say no",
    Form.THANK_LEAVE: "thank and say goodbye",
    Form.LEAVE_UNHAPPY: "give up and leave",
    Form.SMALL_TALK: "chat about themselves and ask for nothing",
    Form.MOOD_BORED: "say that the suggestions are all alike",
    Form.MOOD_PLEASED: "say that it goes well",
    Form.RATE: "give {it} of five stars",
    Form.ASK_FACT: "ask about the {it} of what was suggested",
    Form.ASK_VALUE: "ask whether what was suggested is this: {it}",
    Form.ASK_ENTITY: "ask whether {it} has a part in what was suggested",
    Form.ASK_PLOT: "ask what it is about",
    Form.ASK_OPINION: "ask whether it is good",
    Form.ASK_WHY: "ask why it was suggested",
    Form.ASK_UNANSWERED: "ask about this: {it}",
    Form.COMPARE: "ask how the two suggestions compare",
    Form.DISLIKED_ITEM: "name a {noun} they did not like: {it}",
    Form.SEEN_ITEM: "name a {noun} they know: {it}",
    Form.LIKE_ITEM: "want something like this {noun}: {it}",
    Form.FIND_ITEM: "ask for this {noun}: {it}",
    Form.FIND_UNLISTED: "ask for this {noun}: {it}",
    Form.TAKE_ITEM: "take this {noun}: {it}",
    Form.TAKE_PLACE: "take the {it} one",
    Form.WANT_ENTITY: "want something with {it}",
    Form.BUT: "add a wish: {it}",
    Form.EXCEPT_VALUE: "leave this out of what they want: {it}",
    Form.DROP: "withdraw a wish, and no longer mind about it: {it}",
    Form.AT_MOST: "set a limit: at most {it}",
    Form.AT_LEAST: "set a limit: at least {it}",
    Form.FOR_OTHER: "say what somebody with them would like: {it}",
    Form.CONDITION: "take what was suggested if it is this: {it}",
    Form.LIKED_IT: "know what was suggested already and liked it",
    Form.HATED_IT: "know what was suggested already and did not like it",
    Form.DOUBT: "are not sure about what was suggested",
    Form.MISMATCH: "complain that what was suggested is not what they asked for: {it}",
    Form.SURPRISE_ME: "leave the choice to the assistant",
    Form.START_OVER: "want to start over",
    Form.UNDO: "take back what they just said",
    Form.HELP: "ask how this works",
    Form.INSULT: "insult the assistant",
    Form.OTHER_LANGUAGE: "speak in another language",
}
"""By form of people; the person is "they"."""


def clause(grammar: Grammar, form: Form, arg: int) -> str:
    """What somebody does who says a sentence of a form with an argument."""
    catalog = grammar.catalog
    it = content(grammar, form, arg)
    return CLAUSES[form].format_map({"noun": plain(catalog.noun, 30), "it": it})


def names_title(form: Form) -> bool:
    """Whether a form of people names a title."""
    return form.argument in (Argument.ITEM, Argument.UNLISTED)


def content(grammar: Grammar, form: Form, arg: int) -> str:
    """What an argument of a form stands for, in words; empty where there is none."""
    catalog = grammar.catalog
    match form.argument:
        case Argument.PAIR:
            told = " and ".join(catalog.value_names[v] for v in grammar.pair_values(arg))
        case Argument.VALUE:
            told = catalog.value_names[arg]
        case Argument.FACET:
            told = catalog.facets[arg].question
        case Argument.DIRECTION:
            facet = catalog.facets[arg // 2]
            told = (facet.more if arg % 2 else facet.less) or facet.question
        case Argument.ITEM:
            told = catalog.titles[arg]
        case Argument.CONTEXT:
            told = catalog.contexts[arg].phrase
        case Argument.STARS:
            told = str(arg)
        case Argument.TOPIC:
            told = _topic(catalog, arg)
        case Argument.ENTITY:
            told = catalog.entity_names[arg]
        case Argument.UNANSWERED:
            told = catalog.declaration.unanswered[arg].name
        case Argument.UNLISTED:
            told = catalog.declaration.unlisted[arg]
        case Argument.PHRASE:
            told = grammar.phrases[arg]
        case Argument.PLACE:
            told = _PLACES[arg]
        case _:
            told = ""
    return plain(told, 80)


def _topic(catalog: Catalog, topic: int) -> str:
    if topic < catalog.n_facets:
        return catalog.facets[topic].question
    return topics(catalog)[topic]
