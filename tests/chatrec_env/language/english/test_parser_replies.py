"""Replies, critiques and names of our own wording with the reading a person would give them, exactly."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language.parser import Parser
from tests.chatrec_env.language.parser_notation import labelled, notate_all

CRITIQUES = """
too long => too long
too long and too dark => too long; too dark
too dark and violent => too dark; too violent
it's way too scary for my kids => too scary
that's a bit too sad => too melancholic
it's too slow => reject
seen it => seen_it
already seen that one => seen_it
I watched that one last week => seen_it
haven't seen it => small_talk
shorter please => relative length-
a bit newer please => relative era+
older => relative era-
nothing too old => relative era+
nothing newer => relative era-
more like that => more_like_that
something similar => more_like_that
like that but funnier => like_but funny
like that but newer => relative era+
same but shorter => relative length-
the same, but without the violence => more_like_that; avoid violent
enough of superheroes => enough_of superheroes
I'm tired of superhero movies => enough_of superheroes
no more westerns => enough_of western
too many questions => impatient
just show me something => impatient
just show me something funny => want funny
not for me => reject
no thanks => reject
not that one => reject
I'll take it => accept
sounds good => accept
perfect, thanks! => accept; thank
Sounds good but something newer => relative era+
it's not bad but I've seen it => seen_it
way too long!!! => too long
a bit too childish for us => too kids
too much singing => too musical
that wasn't for me => reject
this one looks good => accept
what else have you got? => reject
Pulp Fiction? seen it => seen_it <Pulp Fiction>
have seen it already, next => seen_it; reject
nope. too violent => no; too violent
I've seen enough war films for a lifetime => enough_of war
can you get to the point => impatient
anything like that but set in space? => like_but space
similar but with less violence => more_like_that; avoid violent
that's too old for me => relative era+
no way, I hate musicals => reject; avoid musical
quit asking, just give me a film => impatient
"""

REPLIES = """
I don't mind => no_preference
whatever => no_preference
any => no_preference
anything is fine => no_preference
surprise me => no_preference
any genre is fine => no_preference genre
I don't care about the era => no_preference era
no idea => dont_know
no idea about the genre but from the 90s => dont_know genre; want 1990s
I don't know, maybe a thriller => want thriller
not sure, something funny I guess => want funny
I don't mind horror => small_talk
yes => yes
yes please => yes
Yeah, exactly. => yes
no => no
nope, not that one => no; reject
hello => greet
thanks, bye => thank; leave
bye => leave
gotta go => leave
this is useless, I'm leaving => leave
with the kids => context kids
just me tonight => context alone
something funny for date night => want funny; context partner
it rained all day here => small_talk
I just got home from work => small_talk
what is your name? => small_talk
is it scary? => small_talk
how long is it? => small_talk
That was a good film. => accept
idk => dont_know
honestly no clue => dont_know
I'm not sure about the length => dont_know length
you pick => no_preference
any decade works => no_preference era
all genres are fine => no_preference genre
the country doesn't matter => no_preference country
great, thank you very much, goodbye => accept; thank; leave
thanks but I have to go now => thank; leave
hey, how are you? => greet
asdf qwer zxcv => small_talk
my dog ate my homework => small_talk
I don't really care what genre as long as it's short => no_preference genre; want short
either one works for me => no_preference
I like pretty much everything => no_preference
that's it for now, cheers => leave; thank
I don't understand the question => small_talk
"""

NAMES = """
something like Heat but newer => liked_item <Heat>; relative era+ <Heat>
something like Heat but funnier => liked_item <Heat>; like_but funny <Heat>
newer than Heat => relative era+ <Heat>
something like the godfather but shorter => liked_item <The Godfather>; relative length- <The Godfather>
loved goodfellas => liked_item <Goodfellas>
I loved Goodfelas => liked_item <Goodfellas>
I loved shawshank => liked_item <The Shawshank Redemption>
I didn't like Titanic => disliked_item <Titanic>
Titanic was terrible => disliked_item <Titanic>
Blade Runner was great => liked_item <Blade Runner>
nothing like Heat => disliked_item <Heat>
I've seen Heat => seen_it <Heat>
I have never seen Heat => small_talk
I've seen Heat, loved it => seen_it <Heat>; liked_item <Heat>
Have you got Pulp Fiction? I hated it. => disliked_item <Pulp Fiction>
my least favourite film is Titanic => disliked_item <Titanic>
I loved Heat, Casino and Up => liked_item <Heat>; liked_item <Casino>; liked_item <Up>
"It" => liked_item <It>
Heat (1995) => liked_item <Heat>
I loved It => liked_item <It>
I loved it => accept
I liked Her => liked_item <Her>
I love her => small_talk
what's up with this => small_talk
I want to drive => small_talk
the heat is killing me => small_talk
a big one => small_talk
I like Drive => liked_item <Drive>
I LOVED IT => accept
star wars => liked_item <Star Wars>
I like Avengers: Infinity War => small_talk
something by Quentin Tarantino => entity+ [Quentin Tarantino]
Quentin Tarentino movies => entity+ [Quentin Tarantino]
films by scorsese => entity+ [Martin Scorsese]
a Hitchcock film => entity+ [Alfred Hitchcock]
anything with Tom Hanks => entity+ [Tom Hanks]
no Tom Cruise please => entity- [Tom Cruise]
a comedy with Tom Hanks but no Meg Ryan => want comedy; entity+ [Tom Hanks]; entity- [Meg Ryan]
written by David Mamet => small_talk
I didn't like Killer Bongs from Outer Space => small_talk
my favourite movie is Pulp Fiction => liked_item <Pulp Fiction>
big fan of Pulp Fiction and Fargo => liked_item <Pulp Fiction>; liked_item <Fargo>
I couldn't get into Inception => disliked_item <Inception>
have you got anything similar to Blade Runner? => liked_item <Blade Runner>
similar to the sixth sense but scarier => liked_item <The Sixth Sense>; like_but scary <The Sixth Sense>
older than Casablanca => relative era- <Casablanca>
the new Spider-Man => small_talk
a film directed by Kathryn Bigelow => entity+ [Kathryn Bigelow]
not Nicolas Cage again => entity- [Nicolas Cage]
something weird and surreal by David Lynch => want quirky; want mind-bending; entity+ [David Lynch]
I liked Alien and Aliens but hated Prometheus => \
liked_item <Alien>; liked_item <Aliens>; disliked_item <Prometheus>
we watched The Matrix yesterday => seen_it <The Matrix>
more Kubrick please => entity+ [Stanley Kubrick]
another romantic comedy that I love is Nowhere Near You => want romantic; want comedy
"""


@pytest.mark.parametrize(("text", "label"), labelled(CRITIQUES + REPLIES + NAMES))
def test_reads_as_labelled(movies: Catalog, parser: Parser, text: str, label: str) -> None:
    assert notate_all(movies, parser.parse(text)) == label
