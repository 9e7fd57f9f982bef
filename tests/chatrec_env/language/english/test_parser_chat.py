"""How people type about films, in sentences of our own: titles with years and tags, slang, answers, courtesies."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language.parser import Parser
from tests.chatrec_env.language.parser_notation import labelled, notate_all

TITLES = """
I liked Alien (1979) => liked_item <Alien>
I liked Alien (1980) => liked_item <Alien>
I liked Alien (2011) => small_talk
something like Scary Movie 3 (2003) => small_talk
a comedy like Date Night (2010) => want comedy
I love Fargo (1996) and Horror Express (1972) => liked_item <Fargo>
Deadpool 2 was great => small_talk
I saw Titanic 3 times => seen_it <Titanic>
I loved "Space Station" and "The Matrix" => liked_item <The Matrix>
I said "Horror" => want horror
I liked Heat, @12 and @4567 => liked_item <Heat>
I've seen Night of the Dancing Mummies => seen_it
I've seen Horror movies => small_talk
I watched @31 => seen_it
I watched Date Night (2010) and loved it => seen_it
i watched inception => seen_it <Inception>
my favourite movie is the matrix => liked_item <The Matrix>
i watched cats => small_talk
Heat is one of my favorite films => liked_item <Heat>
"""

SLANG = """
smth light hearted w my gf => want uplifting; context partner
fav genre is horror => want horror
any good scifi flicks? => want science fiction
looking for a rom com, nothing too gory => want romance; avoid violent
I'm a huge horror fan => want horror
I'm not a big horror fan => avoid horror
no need for another western => avoid western
I hate sad films, they make me cry => avoid melancholic
don't you have anything newer? => relative era+
don't bother with those, what about a romance? => want romance
"""

ANSWERS = """
I have, but it was long ago => yes
hm, I did not. Sounds fun => no; accept
I have seen all the Rambo films => seen_it
I've watched most of those => seen_it
we saw the first one => seen_it
I don't think my friends have seen it => small_talk
I've seen it, it's good => seen_it; accept
that looked kind of dumb => reject
sounds a bit dull => reject
sounds depressing => small_talk
it sounds really interesting => accept
it was awesome when the dog came back => small_talk
That's the one about the whale => small_talk
Isn't that a horror film? => small_talk
good, isn't it? => accept
is it from 2019? => small_talk
"""

TAKING = """
I haven't seen that, but I'll have to check it out => accept
will check them out => accept
never got to it but I want to see it => accept
can't wait => accept
more my speed => accept
I like your suggestion => accept
not a bad choice => accept
it's on my list => accept
I enjoy those kinds of movies => accept
I'll watch it. Any other suggestions? => accept
any other suggestions? => reject
another suggestion please => reject
I like all types of movies => no_preference
anything really => no_preference
no worries => small_talk
see you next week => leave
appreciate the help, take care => thank; leave
you've been very helpful => thank
"""

CASES = labelled(TITLES + SLANG + ANSWERS + TAKING)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_typed_sentence(movies: Catalog, parser: Parser, text: str, expected: str) -> None:
    assert notate_all(movies, parser.parse(text)) == expected
