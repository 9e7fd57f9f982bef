"""Sentences of a service beyond those of the grammar: a catalogue's names and titles go in, English comes out."""

from __future__ import annotations

from collections.abc import Sequence


def listed(texts: Sequence[str]) -> str:
    """Texts in a row: "a, b and c"."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def outline(facts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The facts of a card, by their labels."""
    told = "; ".join(f"{label} {', '.join(values)}" for label, values in facts)
    return f"I can't tell you that, I'm afraid. What I have on it: {told}."


def joined(phrases: Sequence[str], noun: str) -> str:
    """Wishes as one noun phrase: "a funny, tense western set in space", from "a funny film", "a western" ..."""
    heads, before, behind = list[str](), list[str](), list[str]()
    for phrase in phrases:
        words = phrase.split(" ")
        bare = words[1:] if words[0] in ("a", "an") else words
        if words[0] == "something":
            behind.append(f"{'of ' if words[1][0].isdigit() else ''}{' '.join(words[1:])}")
        elif bare[0] == noun:
            behind.append(" ".join(bare[1:]))
        elif bare[-1] == noun:
            before.append(" ".join(bare[:-1]))
        else:
            heads.append(" ".join(bare))
    told = " ".join(filter(None, [", ".join(before), listed(heads) or noun, listed(behind)]))
    return f"{'an' if told[:1] in 'aeiou' else 'a'} {told}"


def because(phrases: Sequence[str], noun: str) -> str:
    """The reason in stated wishes."""
    return f"I picked it because you asked for {joined(phrases, noun)}."


def asked_for(phrases: Sequence[str], noun: str, turn: int) -> str:
    """That it meets stated wishes."""
    ways = ("You asked for {}.", "That makes it {}, as you wanted.", "It is {}, as you asked.")
    return ways[turn % len(ways)].format(joined(phrases, noun))


def share(values: Sequence[str]) -> str:
    """What two items have in common."""
    return f"Both have this: {', '.join(values)}."


def nothing_left(noun: str, *, shown: bool) -> str:
    """Where nothing keeps to what was said; ``shown``: after something was suggested."""
    return f"I have no {noun}{' left' if shown else ''} that keeps to all of that. What matters least to you?"


def nearest(phrases: Sequence[str], *, shown: bool) -> str:
    """Where not all wishes can be met; ``shown``: after something was suggested."""
    left = " left" if shown else ""
    return f"I have nothing{left} with all of that; this comes nearest, but it isn't {listed(phrases)}."


def not_here(title: str, *, described: bool, wished: bool) -> str:
    """Where a title is not in the catalogue; what is offered instead, for what was said of it, or for wishes."""
    if described:
        return f"I don't have {title}, I'm afraid; the nearest I have to what you say of it is this."
    if wished:
        return f"I don't have {title}, I'm afraid, so I go by what you told me before."
    return f"I don't have {title}, I'm afraid, and all I have to go by is its name."


def here(title: str) -> str:
    """Where a title is in the catalogue."""
    return f"Yes, I have {title}."


def unmet(title: str) -> str:
    """Where a condition is not fulfilled."""
    return f"I'm afraid {title} is not that. Maybe this one:"


def not_known(words: Sequence[str], *, described: bool = False) -> str:
    """Where words stand for nothing in the catalogue; ``described``: it was looked for by meaning all the same."""
    quoted = listed([f"“{word}”" for word in words])
    return f"My list has no heading for {quoted}{', so I went by the descriptions' if described else ''}."


def not_for(whom: str) -> str:
    """Where it is for somebody of whom the catalogue cannot tell what suits them."""
    return f"My list doesn't tell what would suit {whom}, so I go by the rest."


def no_more(titles: Sequence[str]) -> str:
    """Where only what was shown before meets all wishes."""
    one = len(titles) == 1
    had = "is the one that does" if one else "are the ones that do"
    offer = f"Shall we take {'it' if one else 'the first'}, or is there a wish I may drop?"
    return f"I have nothing else that fits all of that; {listed(titles)} {had}. {offer}"


def still_fits(title: str, phrases: Sequence[str]) -> str:
    """Where what is to be spared is not in the item on the table."""
    return f"{title} isn't {listed(phrases)}, as far as I know, so it still fits."


def already(title: str, fact: str) -> str:
    """Where the item on the table is what is wished for; ``fact`` is the number that tells."""
    return f"{fact} So {title} still fits."


def is_so(title: str, phrases: Sequence[str]) -> str:
    """Where the item on the table is what is wished for; ``phrases`` are the values that tell: "a comedy"."""
    return f"{title} is {listed(phrases)}, as far as I know."


def same_people(column: str, names: Sequence[str]) -> str:
    """Where two items have the same people."""
    return f"Yes, the {column} is the same: {listed(names)}."


def other_people(column: str, both: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Where two items have not the same people: each title with its own."""
    told = ", ".join(f"{title} has {listed(names)}" for title, names in both)
    return f"The {column} isn't the same, as far as I know: {told}."


def more_of(title: str, has: Sequence[str], lacks: Sequence[str]) -> str:
    """Which of several an item is more of: what it has of them."""
    if not has or not lacks:
        return f"{title} is {'both' if has else 'neither'}, by my list."
    return f"{title} is more {listed(has)} than {listed(lacks)}, by my list."


def spared(phrases: Sequence[str]) -> str:
    """That what is to be spared is not in it."""
    return f"As far as I know, it isn't {' or '.join(phrases)}."


def unmentioned(told: Sequence[str]) -> str:
    """That words to be spared are not in what is known of it."""
    return f"Nothing I have on it speaks of {listed([f'“{one}”' for one in told])}."


def none_beyond(comparison: str) -> str:
    """Where nothing that fits is newer, shorter or whatever was asked for."""
    return f"I have none that is {comparison} and fits the rest."


def liked(title: str) -> str:
    """Where the person liked what they know."""
    return f"Good to know that you liked {title}."


_PROPOSALS = (
    "How about {}",
    "Try {}",
    "Maybe {}",
    "I'd suggest {}",
    "You might like {}",
    "What about {}",
)
_ASKING = frozenset((0, 2, 5))


def propose(title: str, year: int, sentence: str, number: int) -> str:
    """A suggestion with its year (0 if none) and its sentence; ``number`` chooses the words."""
    way = number % len(_PROPOSALS)
    named = f"{title} ({year})" if year else title
    mark = "?" if way in _ASKING else "."
    return f"{_PROPOSALS[way].format(named)}{mark} {sentence}".strip()


def no_subject(noun: str, *, shown: bool) -> str:
    """Where a question is about no item; ``shown``: after something was suggested."""
    where = f"There is no {noun} on the table now" if shown else f"I haven't suggested any {noun} yet"
    return f"{where}, so there is nothing to tell."


def most_of(titles: Sequence[str], most: str) -> str:
    """Which of what is on the table has most of something: "shortest"."""
    return f"Of these, {listed(titles)} {_be(titles)} the {most}."


def most_unknown(most: str, titles: Sequence[str], value: str) -> str:
    """Where that cannot be told, only that some have a value."""
    only = f", only that {listed(titles)} {_be(titles)} {value}" if titles else ""
    return f"My list doesn't tell which of these is the {most}{only}."


def no_more_known(rest: str) -> str:
    """Where somebody asks for more of an item than the sentence they have read; ``rest`` is what else there is."""
    return f"I know no more of it than that one sentence. {rest}".strip()


def but_it_is(phrase: str) -> str:
    """Behind the answer that it is not what was asked: what it is, of that kind."""
    return f"But it is {phrase}."


def in_common(title: str, shared: Sequence[str]) -> str:
    """Behind an item that was liked: what the one on the table has in common with it."""
    return f"{title} has this in common with it: {', '.join(shared)}."


def _be(things: Sequence[str]) -> str:
    return "is" if len(things) == 1 else "are"


LESS_KNOWN = "Fair enough, something less well known then."
CONDOLENCE = "I'm sorry to hear that."
WELCOME = "You're welcome!"
