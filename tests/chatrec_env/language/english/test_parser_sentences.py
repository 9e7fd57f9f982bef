"""Wishes of our own wording with the reading a person would give them, exactly."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language.parser import Parser
from tests.chatrec_env.language.parser_notation import labelled, notate_all

WISHES = """
a comedy => want comedy
Something funny, please. => want funny
do you have any westerns? => want western
I want to laugh => want funny
make me cry => want melancholic
dark comedy => want dark; want comedy
a heart warming animated film for kids from the 2000s => want heart-warming; want animation; want \
kids; want 2000s
action or adventure => want action; want adventure
my girlfriend wants something romantic => want romantic
psychological thriller with twists => want thriller; want mind-bending
can you find me a spy movie that is funny => want espionage; want funny
sci fi => want science fiction
scifi => want science fiction
SCI-FI PLEASE => want science fiction
I wouldn't mind a musical => want musical
nothing but comedies => want comedy
the action and the music, that's what I like in a film => want action; want music
funnier please => want funny
something scarier => want scary
more romantic => want romantic
it's not funny enough => want funny
not violent enough => want violent
I like comedies, dramas, suspense, mysteries => want comedy; want drama; want tense; want mystery
well, I was thinking of maybe a heist film or something => want heists
hello I'm after a nice French comedy => greet; want France; want comedy
something in french => want French
it has to be uplifting => want uplifting
it would be nice to see a western => want western
show me a short documentary about nature => want short; want documentary; want nature
could we maybe do an action film with a bit of humour? => want action; want funny
preferably something from South Korea => want South Korea
a Bollywood musical would be perfect => want India; want musical
any good Korean thrillers? => want South Korea; want thriller
what about a documentary on music? => want documentary; want music
I used to love westerns => want western
a movie for teenagers about friendship => want teens; want friendship
movies set in space with robots => want space; want artificial intelligence
we want something that isn't too violent but still exciting => avoid violent; want exciting
more action less talk => want action
any decent horror films around? => want horror
I fancy a spy thriller with plenty of action => want espionage; want thriller; want action
the funnier the better => want funny
it doesn't need to be funny => small_talk
do you know any good films about chess? => small_talk
"""

NEGATIONS = """
nothing too scary => avoid scary
not a western => avoid western
not scary => avoid scary
no musicals or horror => avoid musical; avoid horror
no horror, gore or war films => avoid horror; avoid violent; avoid war
anything but romance => avoid romance
everything except horror => avoid horror
I don't like scary movies => avoid scary
I hate westerns => avoid western
I'm not really into horror or anything too violent => avoid horror; avoid violent
I can't stand musicals and I hate westerns => avoid musical; avoid western
I never watch horror movies or scary movies => avoid horror; avoid scary
neither horror nor thriller => avoid horror; avoid thriller
I like sci-fi but not space => want science fiction; avoid space
no musicals please, maybe a thriller? => avoid musical; want thriller
not a western, a comedy => avoid western; want comedy
not a comedy but a drama => avoid comedy; want drama
a drama rather than a comedy => want drama; avoid comedy
instead of a comedy a drama => avoid comedy; want drama
not horror, just comedy => avoid horror; want comedy
without violence => avoid violent
something dark without the gore => want dark; avoid violent
horror isn't my thing => avoid horror
kid movies, I don't like => avoid kids
romance? no thanks => avoid romance
less violent => avoid violent
not so scary please => avoid scary
no horror => avoid horror
no, horror => no; want horror
I'd rather not watch anything sad => avoid melancholic
I want something sad, not scary => want melancholic; avoid scary
I'm not really into horror or anything too violent, but I love a good mystery => avoid horror; \
avoid violent; want mystery
not in the mood for romance => avoid romance
just not another superhero movie => avoid superheroes
definitely no musicals => avoid musical
definitely not a musical => avoid musical
My kids are 5 and 8, so nothing violent => avoid violent
I'd prefer no romance this time => avoid romance
horror is fine but nothing with ghosts => want horror; avoid ghosts
nothing sad or bleak, I've had a rough day => avoid melancholic; avoid bleak
I am looking for a film that isn't sad => avoid melancholic
not a drama please. Something with action. => avoid drama; want action
I'd rather something funny than something sad => want funny; avoid melancholic
dont like musicals => avoid musical
cant stand horror => avoid horror
my wife hates horror, so no scary stuff => avoid horror; avoid scary
a war film but not too violent => want war; avoid violent
hmm a western? nah. a thriller => avoid western; want thriller
"""

CORRECTIONS = """
a comedy, no wait, a thriller => change_mind thriller
a comedy, no, a thriller => change_mind thriller
a comedy, I mean a thriller => change_mind thriller
I was thinking a western, actually make that a comedy => change_mind comedy
changed my mind, a drama => change_mind drama
on second thought, maybe a drama => change_mind drama
a drama instead => change_mind drama
Actually, I'd like something funny => change_mind funny
something dark from the 80s, scratch that, from the 90s => change_mind 1990s
I actually like comedies => want comedy
I mean, I like comedies => want comedy
I said comedy but I meant romance => change_mind romance
can I change my mind? a musical please => change_mind musical
"""

QUANTITIES = """
from 1994 => want 1990s
1999 => want 1990s
eighties => want 1980s
the 50s => want 1950s
the '90s => want 1990s
late 90s => want 1990s
recent => want 2020s
between 1970 and 1985 => want 1970s; want 1980s
1990-1999 => want 1990s
before 1980 => want 1970s; want 1960s; want 1950s
since 2010 => want 2010s; want 2020s
nothing before 2000 => avoid 1990s; avoid 1980s; avoid 1970s; avoid 1960s; avoid 1950s; avoid \
1940s; avoid 1930s; avoid 1920s
not from the 70s => avoid 1970s
under two hours => want medium; want short
under 100 minutes => want short
less than 90 minutes => want short
about 2 hours => want medium
an hour and a half => want short
over 3 hours => want long
no longer than 100 minutes => want short
in the mid 1980s => want 1980s
80s or 90s => want 1980s; want 1990s
older than 1970 => want 1960s; want 1950s; want 1940s
from the thirties or forties => want 1930s; want 1940s
at least 3 hours long => want long
max 90 minutes => want short
"""


@pytest.mark.parametrize(("text", "label"), labelled(WISHES + NEGATIONS + CORRECTIONS + QUANTITIES))
def test_reads_as_labelled(movies: Catalog, parser: Parser, text: str, label: str) -> None:
    assert notate_all(movies, parser.parse(text)) == label
