"""How people talk, in sentences of our own: verdicts, reports, reasons, restarts, several films, reference items."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language.parser import Parser
from tests.chatrec_env.language.parser_notation import labelled, notate_all

VERDICTS = """
Yeah, I really liked that movie. => yes; accept
I didn't care for it. => reject
It was kind of a boring movie, to be honest => reject
that one was pretty good => accept
The second one wasn't very good => reject
It's one of my favorites => accept
Amélie is one I've seen before => seen_it <Amélie>
it was a great story => small_talk
Just a boring movie. => reject
I've seen it, it was terrible => seen_it; reject
I don't think I've seen that one => small_talk
I haven't watched it, but I would love to see it => accept
Goodfellas was amazing and Gigli was awful => liked_item <Goodfellas>; disliked_item <Gigli>
"""

REPORTS = """
it was funny and romantic => small_talk
it was a great action movie => want action
I like live action films => small_talk
I liked it because it was funny => want funny
I liked that it was a musical => want musical
I find them very scary => small_talk
it'll make me laugh => want funny
it made me laugh => want funny
I don't think it is a comedy => small_talk
Tom Hanks was in it => small_talk
I like Tom Hanks => entity+ [Tom Hanks]
spy films that are out now => want espionage
"""

TALK = """
I like I like thrillers and the the crime stuff => want thriller; want crime
I have not. => no
I have. => yes
I don't know, I like comedies I guess => want comedy
I don't know => dont_know
I like westerns, and, yeah, dramas => want western; want drama
I enjoyed The Wedding Planner of Mars => small_talk
The Wedding Planner => small_talk
I'm not a big horror person => avoid horror
not really into horror unless it's funny => avoid horror
comedies but not romantic comedies => want comedy; avoid romantic
It's a toss-up between westerns and musicals => want western; want musical
"""

REFERENCES = """
more like that, but not so violent => more_like_that; avoid violent
from the 90s or newer => want 1990s; want 2000s; want 2010s; want 2020s
something like Alien or Jaws but less gory => liked_item <Alien>; liked_item <Jaws>; avoid violent
similar to Blade Runner, but more recent and not as dark => \
liked_item <Blade Runner>; relative era+ <Blade Runner>; avoid dark
"""


@pytest.mark.parametrize(("text", "label"), labelled(VERDICTS + REPORTS + TALK + REFERENCES))
def test_reads_as_labelled(movies: Catalog, parser: Parser, text: str, label: str) -> None:
    assert notate_all(movies, parser.parse(text)) == label


@pytest.mark.parametrize(
    "text",
    [
        "i like it when cars crash, the heat is on and she is up",
        "I told her to give up, it was a hero's end",
        "I like M. Night Shyamalan, and it was good.",
        "seven of us watched it, she saw it alone",
        "my kid loves toys and the frozen pizza",
        "that alien thing on the hill gave me venom",
        "his name is rocky, he drives cars",
        "bright lights in the big city",
    ],
)
def test_common_words_are_no_titles(parser: Parser, text: str) -> None:
    assert [act.item for act in parser.parse(text) if act.item >= 0] == []
