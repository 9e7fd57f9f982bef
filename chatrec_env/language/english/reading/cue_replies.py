"""Phrases that say something by themselves: answers, verdicts on a suggestion, courtesies.

They are written like those of ``cue_frames``.
"""

from __future__ import annotations

from typing import Final

from chatrec_env.language.reader.chunks import Cue

_IT = "(it|that|this|that one|this one|those|them|these)"
_ITEM = (
    "(it|that|this|that one|this one|them|those|both|all of them|all of those"
    "|(that|this) {noun}|(those|these) {nouns})"
)
_ITEMS = f"({_ITEM}|the (first|second|last|original|other) (one|))"
_WANTED = (
    "what (i|we) (wanted|asked for|need|needed|want|had in mind|have in mind|hoped for"
    "|(am|are|was|were) (after|looking for|thinking of|hoping for))"
)
_ME = "(for me|for us|right for me|right for us|my thing|what i want)"
_FINE = "good|great|perfect|fine|lovely|interesting|fun|nice|promising"

REPLIES: Final[dict[Cue, str]] = {
    Cue.DONT_KNOW: """
        (do|did|would) not (know|remember) (what|which|yet|); (have|) no (idea|clue|particular idea)
        not (certain|decided)
        (i am|) not (quite|) sure (yet|about the|what|which|what i am after|what i am after yet|); unsure
        undecided; can not (say|decide|think of any|think of anything); could not (say|tell you)
        hard to (say|tell|decide)
        (can|could|do|did) not (recall|remember) (what|which|any|the name|right now|)
        not (too|) sure (what|which)
        can not think of (one|it|the name|that)
        do not know about (it|that|that {noun}|this {noun})
        do not know (anything|much|too much|a lot) about (it|that|this|that {noun}|this {noun}|that one)
        have not (thought|decided|thought about it|thought about the|made up my mind|got a clue); beats me
        who knows; good question; tough (question|one|call); let me think; need to think
        nothing comes to mind; drawing a blank; does not ring a bell
        not familiar with (it|that|this|that one|that {noun}|them)
        """,
    Cue.NO_PREFERENCE: """
        (do|does|would) not (really|) matter (to me|); do not (mind|care) (what|which|about the|); whatever
        not (fussy|picky|bothered|fussed|important|too fussy|that important)
        no (real|strong|) preference (on|for|about|)
        no (preferences|strong feelings|strong opinion|particular|big preference)
        either (one|is fine|works|way); i am easy; you (choose|decide|pick|tell me); surprise me; up to you
        (i will|i would|we will|i|) leave (it|that|this) (up|) to you; throw something at me
        (does|do|will|would) not make a difference (to me|)
        makes no difference; any of them; open to (anything|whatever|everything|suggestions)
        all the same to me; no (favourite|favorite); nothing (in particular|specific|particular|special)
        anything (goes|works|is fine|will do|is good|at all); any (one|({noun}|) (will do|is fine|works))
        all (are|is) fine; do not have (a|any) (preference|favourite|favorite)
        i like (everything|anything|all of them)
        (i|we) (do|) (like|enjoy|love|watch) all (kind|kinds|type|types|sort|sorts|genres|{nouns}) (of {nouns}|)
        open to (all|any) (genre|genres|kinds|types|sorts) (of {nouns}|); all good with me
        your (choice|call|pick); both are fine; all of them
        """,
    Cue.ACCEPT: f"""
        (i|we) will (take|try|have|get|go with|go for|{{verb}}) {_IT}; works for (me|us); i am sold
        sold; count me in; (i|we) (could|would|can|might) (go with|go for|take|try|{{verb}}) {_IT}
        (it|that|this) sounds ({_FINE}|amazing|excellent|awesome) to (me|us)
        sounds ({_FINE}|ok|okay|amazing|excellent|awesome); sounds like (a plan|fun)
        let us (go with|go for|try|do|take|have|{{verb}}) {_IT}; (exactly|just) {_WANTED}; just the thing
        the very thing; (it|that|this) will do; that is the one; could work; happy with that
        (give|i will give) (it|that|this one|that one) a (try|go|shot|chance|{{verb}})
        you have convinced me; hits the spot; i am (game|down|sold); lock it in; sign me up; say less
        this (one|) please; (that|this) works
        (good|great|nice|excellent|perfect|lovely|brilliant|fantastic|solid) (pick|choice|call|suggestion|idea|catch)
        (good|great|nice|excellent|perfect|fantastic|solid) (recommendation|recommendations|suggestions)
        (i|we) (like|love) (your|this|that) (recommendation|suggestion|pick|choice|idea)
        (love|loving|i like|we like|i do like) {_IT}; (i|we) (like|love) the (sound|look) of {_IT}
        go for it; add it
        (it|that|this|that one|this one) (is|will be) (okay|ok|alright|all right|ideal|acceptable|{_FINE})
        but (okay|ok|fine|alright|all right); looks ({_FINE})
        i would (love|like) (to|) {{verb}} (it|that|this|that one)
        (i|we) (want|would like|would love|plan) to (see|check out|{{verb}}) (it|that|this|that one|that {{noun}})
        (i|we) would (like|love|enjoy) ((seeing|watching|{{verbing}}|) {_ITEM})
        (i|we) (would|will|might|could) (consider|check out|see) {_ITEM}
        (i|we) (will|would) go (and|) (see|watch|{{verb}}) {_ITEM}; right up my (alley|street); up my alley
        (i|we|) (will|have to|need to|want to|should|might|must) check {_ITEM} out; going to check {_ITEM} out
        (i|we|) (will|have to|need to|want to|should|might|must) check out {_ITEM}; going to check out {_ITEM}
        (i|we|) (have to|need to|want to) (see|watch|{{verb}}|rent|stream|find) {_ITEM}
        going to (see|watch|{{verb}}|rent|stream|find) {_ITEM}
        (i|we) will (rent|stream|find|buy|borrow|order|like|love|enjoy) {_ITEM}; can not wait (to|for|until|)
        (i|we) (will|) accept ({_ITEM}|your|the|); more my (speed|style|taste|thing|cup of tea|kind of thing)
        (i|we) (will|would) (definitely|) keep {_ITEM} (in mind|as a possibility)
        (i|we|) will look {_ITEM} up; (i|we|) will look into {_ITEM}; (i|we) will put {_ITEM} on (my|the|our) list
        (i|we) shall (take|try|have|go with|go for|{{verb}}) {_IT}
        (ok|okay|fine|alright|deal) (,|) (that|this|that one|this one)
        not a bad (pick|choice|call|suggestion|idea); let me check {_ITEM} out; on my list
        meaning to (see|watch|{{verb}}|check out|check) {_ITEM}
        """,
    Cue.REJECT: f"""
        not (this|that one|this one|those|them|these); not {_ME}
        not my (taste|style|cup of tea|kind of thing); not our thing; no (thanks|thank you|way|come on)
        next; next (one|please|up); pass; skip {_IT}; not (interested|convinced|a chance)
        (do|does|would) not (like|want|fancy|care for|need) {_IT}; did not (want|need) {_IT}
        not (exactly|quite|at all|) {_WANTED}; nothing like {_WANTED}
        (definitely|absolutely|maybe|certainly|hell|) not me; (definitely|absolutely|maybe|certainly) not
        hell no; did you even listen; seriously
        (i would|we would|) rather (you showed|see|have) (me|) something else; you understand {_WANTED}
        are you (even|) listening; you are not listening; do not think {_IT} is {_ME}
        do not think so that one; (i am|) not sure about {_IT}; (i am|) not sure {_IT} is {_ME}
        not feeling (it|this|that); not (today|tonight); not in the mood for {_IT}; do not feel like {_IT}
        try again; (i|we) asked for; come on; something different
        is (this|that) (supposed to be|meant to be|some kind of|) a joke; (you|you must) (are|be) joking
        are you (kidding|joking|serious|for real) (me|); why would (i|we|anyone|anybody) (want|like|{{verb}}) {_ITEM}
        (everyone|everybody) (has|have) (already|) ({{seen}}) {_IT}
        does not (appeal|appeal to me|sound good|look good|grab me|sound like me|interest me); do better
        try another; (wrong|terrible|bad) (one|kind|pick|choice|suggestion); can you not understand
        leave (it|that one); another one; show me another; (i|we) hate (it|this|that)
        (i|we) (would|will) not (go|go out) (to|and|) (see|watch|{{verb}}) {_ITEM}
        (i|we) would not (like|enjoy) {_ITEM}
        (sounds|looks|seems) (boring|awful|terrible|dull|dumb|stupid|silly|cheesy|corny|lame|melodramatic|bad)
        not interested (in (it|that)|at all); not (the|my) (kind|type|sort) of {{noun}}
        (i|we) (would|will|do) not {{verb}} {_IT}; not a good (pick|choice|fit|match)
        (give|giving) {_IT} a miss; hard pass; (no|never) interest in {_IT}; no desire to (see|{{verb}}) {_IT}
        """,
    Cue.SEEN_IT: f"""
        (i have|we have|have|) (already|) ({{seen}}) {_IT} (before|already|); saw {_IT}; (i|we) saw {_IT}
        not again; already (have|) ({{seen}}); (i|we) (saw|have seen|({{seen}})) and; (i|we) did see {_IT}
        (i|we|) saw (both|them all)
        ({{seen}}) (already|before|all of those|them all|it all|both)
        done that; been there done that; (i|we|) rewatched {_IT}
        (i|we|) (have|) ({{seen}}|saw) (most|some|all|many|a few|a couple|both|several) of (them|those|these|it)
        (i|we) (have|) ({{seen}}|saw) the (first|second|last|original|old|older|new|newer|other) (one|ones|{{noun}})
        (i|we) have ({{seen}}) (both|them both|both of them)
        (i|we) (have|) ({{seen}}|saw) the (original|sequel|remake|prequel)
        already (have|know|own|had|did|know it|own it|had it|did it) ({_IT}|); know {_IT} (already|by heart)
        had {_IT} (before|already); (i|we) (know|own) (that one|this one) (already|)
        (i|we) (own it|know it already|have it already|have that one)
        (is|was) (one|something|a place|a {{noun}}) (that|) (i|we) (have|) ({{seen}}|been to) (before|already|)
        """,
    Cue.MORE_LIKE: f"""
        more (like|of) {_IT}; another (one|) like {_IT}; (something|one|others|some|ones) like {_IT}
        similar (one|ones|); (something|anything) similar; similar to (that|this|it)
        (along|on) (the same|those|these|similar) lines; (in|more in) (the same|that) (vein|style|spirit)
        more please; what else do you have like (it|that|this); more of the same
        (just|exactly) like (it|that); another (one|) (of those|of these|of them|similar); close (enough|)
        the same (kind|sort|type|style)
        """,
    Cue.LIKE_THAT: "like (it|that|this|that one|this one|those)",
    Cue.LIKE_BUT: """
        (like|) (that|this|it|same) (one|) (,|) but; same thing but; (the same|almost|similar|close) (,|) but
        """,
    Cue.IMPATIENT: """
        just (show|give|tell|suggest|recommend|pick|choose|find) (me|us|) (it|something|anything|one|some)
        just (show|give|tell|suggest|recommend|pick|choose|find) (me|us|) (a {noun}|(some|) {nouns})
        just (suggest|recommend|pick|show me|show us|give me)
        (no|enough|fewer|less|all these|lots of|with the|a lot of) questions
        (no more|stop|stop the|skip the|too many|so many) questions; (stop|quit|keep) asking (me|)
        get on with it; hurry (up|); get to (the|some|any) (suggestions|point|recommendations)
        enough talking; no more (talking|chat); already asked
        can you just (suggest|recommend|show|give) (me|) (something|one|anything|)
        asking (me|) (so|too) many; show me (something|a {noun}|one) already
        this is taking (too|) (long|forever|ages); how many (more|) questions
        """,
    Cue.YES: """
        yeh; yess; yesss; sure do
        yes; yep; yeah; yup; yea; yes please; that is (right|it|correct|exactly it); you got it; i think so
        correct; (yeah|yes) (,|) sure; (yes|yeah) i do; that is what i (meant|said); of course; spot on
        exactly (that|right|it)
        """,
    Cue.NO: """
        naw; noo; nooo
        nope; nah; not really; (do|did) not think so; not (it|quite|exactly|what i meant|what i said|right)
        wrong; incorrect; no not (really|that|quite); no it is not; neither of (those|them)
        that is not (it|right|what i meant|what i said)
        """,
    Cue.GREET: """
        (hi|hello) (there|again|); hey (there|); hiya; howdy; good (morning|evening|afternoon); greetings; yo
        """,
    Cue.THANK: """
        thanks (a lot|so much|a bunch|again|); thank you (so much|very much|); many thanks; cheers
        much appreciated
        (i|we|) appreciate (it|that|this|the help|your help|your time|the suggestion|the suggestions); ta
        thanks for (that|your help|the help|everything)
        you (have been|were|are) (great|awesome|amazing|helpful|very helpful|a great help|a big help|the best)
        """,
    Cue.LEAVE: """
        bye (bye|for now|); goodbye; good bye; (i am|) done (here|for now)
        i am (done|leaving|off|out|all set|finished) (now|)
        that is it for (now|today)
        that is (all|everything) (i needed|for now|for today|thanks|i wanted|i need|); all set; good night
        goodnight; take care; see (you|ya) (later|soon|around|next time|); (got|have|need) to (go|run|leave)
        going nowhere; not working; look (somewhere else|elsewhere|for one myself|myself); find one myself
        (maybe|perhaps) another time; some other time
        try somewhere else; do it myself; ciao; (i|i will|will) give up; giving up
        forget (it|the whole thing); never mind; nevermind; quit; exit; farewell
        (i will|let us|will) (stop|leave it) (here|there|at that|for now|)
        this is (pointless|useless|hopeless); waste of (my|) time
        have a (nice|good|great|lovely) (day|evening|night|one|weekend); no longer interested
        talk to you later; ttyl
        """,
    Cue.LOVED_IT: f"""
        (i|we|) (loved|liked|enjoyed|adored) {_ITEMS}; (i|we) did (like|love|enjoy) {_ITEMS}
        (i|we) (do|kind of|) (like|love|enjoy) ((that|this) {{noun}}|(those|these) {{nouns}})
        (i|we) kind of (like|liked|loved|enjoyed) {_ITEMS}; (i|we) do (love|enjoy) {_ITEMS}
        (is|was) one of (my|the) (favorites|favourites|best)
        (love|loved) every (minute|second|bit) of it; could (watch|{{verb}}) (it|that) (again|all day)
        (i|we|) (loved|liked|enjoyed|adored) (it|that|this one|that one|them|both|all of them)
        (i|we|) (do|) (like|love|enjoy) (that|those|these) (kind|kinds|type|types|sort|sorts) of ({{noun}}|{{nouns}})
        (it|that) was (great|good|amazing|fantastic|brilliant|excellent|wonderful)
        (i|we|) (find|found) {_IT} (so|very|really|pretty|quite|) (interesting|enjoyable|entertaining|fascinating)
        (is|are|was|were) (so|really|just|a lot of|) fun to {{verb}}; (hard|impossible) not to (like|love) {_ITEM}
        """,
    Cue.HATED_IT: f"""
        (i|we|) (hated|disliked|loathed|detested) {_ITEMS}; (i|we) (hate|dislike) ((that|this) {{noun}})
        (i|we|) did not (like|love|enjoy) {_ITEMS}; (i|we|) did not care (much|) for {_ITEMS}
        (i|we) do not care (much|) (for|about) {_ITEMS}; not (much of|) a (big|huge|real|) fan of {_ITEMS}
        (i|we|) (do|did) not (like|enjoy) ((that|this) {{noun}}|(those|these) {{nouns}}) (at all|much|)
        (i|we) do not (like|enjoy) (it|that|this|them|those) (at all|much|very much|)
        (i|we) (can|could) not (stand|get into|finish) {_ITEMS}
        (i|we|) do not find (it|them|that) (interesting|funny|good)
        (i|we|) (hated|disliked|loathed) (it|that|this one|that one|them|both); (did|do) not like it much
        (it|that) was (terrible|awful|boring|bad|dreadful|disappointing)
        did not (like|enjoy|love) (it|that|that one|them)
        (i|we|) (find|found) {_IT} (so|very|really|pretty|quite|kind of|) (boring|dull|tedious|annoying|stupid|silly)
        not (so|really|very|) fun to {{verb}}
        """,
    Cue.RATING: """
        (one|two|three|four|five|0|1|2|3|4|5) (star|stars)
        (one|two|three|four|five|0|1|2|3|4|5) out of (five|5)
        (one|two|three|four|five|six|seven|eight|nine|ten|1|2|3|4|5|6|7|8|9|10) out of (ten|10)
        """,
    Cue.MAYBE_ACCEPT: """
        perfect; great; excellent; awesome; (ok|okay) (then|); sure; fine; alright; all right; brilliant
        terrific; fabulous; splendid; sweet; neat
        wonderful; cool; lovely; nice; good; amazing; fantastic; deal; why not; fair enough; interesting
        yay; superb; ideal; not bad; tempting
        """,
    Cue.MAYBE_REJECT: """
        boring; meh; awful; terrible; ugh; no good; yuck; rubbish; bad; horrible; dull; lame; eh
        not (great|good); disappointing
        """,
    Cue.MAYBE_YES: """
        right; exactly; indeed; absolutely; definitely; certainly; totally; for sure; true; uh huh; precisely
        """,
    Cue.MAYBE_ELSE: """
        (something|anything|what|try something|got anything|) else; something other; others; other options
        (another|other|any other|any more|some more|different) (recommendation|suggestion|recommendations|suggestions)
        """,
}
"""Patterns by cue; see :func:`~chatrec_env.language.reader.lexicon.phrases`."""
