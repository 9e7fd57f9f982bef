"""Function words of English, as data: what a phrase does to the wishes around it, or says on its own.

Phrases are written as ``tokenize`` gives them (``don't`` is ``do not``). ``(a|b|)`` are alternatives, the last
one nothing; ``{verb}``, ``{verbing}``, ``{seen}``, ``{noun}`` and ``{nouns}`` are the catalogue's words.
Adverbs such as "really" need not be written: they may stand anywhere inside a phrase.
"""

from __future__ import annotations

import re
from enum import IntEnum
from itertools import product
from typing import Final


class Cue(IntEnum):
    """What a phrase is for. The comments give an example."""

    # Shape the reading of what follows.
    START = 0  # I'd like, give me: a new wish, whatever was negated before
    WISH = 31  # something, in the mood for: a wish, or what a negation is about
    LIKE = 1  # I liked, a favourite of mine is: a wish, or a verdict on a title
    NOT = 2  # not, don't want: "not X, Y" contrasts Y
    NONE = 3  # no, nothing, anything but: "no X, Y" goes on
    HATE = 4  # I hated: unwanted, or a verdict on a title
    NO_WORD = 5  # no: an answer, or none
    SIMILAR = 6  # something like (a title)
    TOO = 7
    LESS = 8
    MORE = 9
    LACKS = 10  # not enough
    ENOUGH = 11
    ACTUALLY = 12  # a change of mind at the start of a clause
    CHANGE = 13  # on second thought
    CORRECT = 14  # no wait: takes back what was just said
    FIX = 15  # I mean: takes back if there is something to take back
    INSTEAD = 16
    JUST = 32  # not X, just Y
    BUT = 17
    AND = 18
    OR = 19
    ARTICLE = 20
    THAN = 21
    BY = 22  # directed by, starring: a name follows
    HAVE_SEEN = 23  # I've seen (a title)
    TOLD = 24  # we saw, it is: a report, not a wish
    TOLERATE = 25  # I don't mind (a value)
    ANY = 26
    OTHER = 27  # a different (facet)
    PUT_OFF = 28  # ... isn't for me, after a value
    EVERY = 29  # all, every: only with a facet
    IDLE = 30  # covers words that would be misread
    # Say something by themselves.
    DONT_KNOW = 40
    NO_PREFERENCE = 41
    ACCEPT = 42
    REJECT = 43
    SEEN_IT = 44
    NOT_SEEN = 45
    MORE_LIKE = 46
    LIKE_BUT = 47
    LIKE_THAT = 57  # like that: more of it, if nothing else is compared
    IMPATIENT = 48
    YES = 49
    NO = 50
    GREET = 51
    THANK = 52
    LEAVE = 53
    LOVED_IT = 54
    HATED_IT = 55
    RATING = 56
    # The same, but only where nothing else is said in the clause.
    MAYBE_ACCEPT = 60
    MAYBE_REJECT = 61
    MAYBE_YES = 62
    MAYBE_ELSE = 63  # something else: turns down unless more is said


_I: Final = "(i|we)"
_IT: Final = "(it|that|this|that one|this one|those|them|these)"
_WHAT_I_WANTED: Final = (
    "what (i|we) (wanted|asked for|need|needed|want|am after|was after|am looking for|was looking for"
    "|were looking for|are looking for|had in mind|have in mind|was thinking of|hoped for|was hoping for)"
)

CUES: Final[dict[Cue, str]] = {
    Cue.START: f"""
        {_I} (want|need|prefer|fancy|crave|feel like); {_I} (could|can) (use|go for|do with); {_I} like my {{nouns}}
        {_I} would (like|love|prefer|enjoy|fancy|go for|take|rather have|rather {{verb}}|rather go for|rather|go with|choose|pick)
        looking for; in search of; give me; show me; find me; get me; bring me; recommend; suggest; show us
        let us (say|go for|go with|try|do|have|{{verb}}|see|); go for; go with; how about; what about; maybe try
        do you have; have you got; (can|could) (you|we); would not mind; would not say no to; can not go wrong with
        nothing wrong with; no problem with; nothing but; not only; not just; must be; should be; has to be; needs to be
        have to be; it (has|had|needs|needed|ought) to be; it (should|must|can|could) be; it would be (nice|good|great|lovely) (to|if); as long as it is; make sure it is; hoping for; hope for; why not (try|a|an|some); i would say; happy with
        i am (into|after|up for|keen on|fond of|ready for|interested in|in the mood for|craving|thinking|thinking of)
        """,
    Cue.WISH: """
        want; wants; need; prefer; would (like|love|prefer); would be (good|nice|great|fine|lovely|perfect|better|ideal)
        (in the|) mood for; up for; in for; feel like; feeling like; fancy; craving; after; got; are there; is there
        ready for; interested in; curious about; keen on; into; fond of; partial to; ideally; preferably; only; with
        if it is; hope it is; some; something; someone; bit of; lots of; make me; want to; to {verb}; {verb}; {verbing}
        thinking of; thinking; wish; could be; say; find; please; about; set in; from; would do; any chance of
        """,
    Cue.LIKE: f"""
        {_I} (like|love|enjoy|adore|liked|loved|enjoyed|adored); {_I} would have liked
        liked; loved; enjoyed; adored; love; loving; adore; enjoy; (a|) (big|huge|) fan of
        i am a (big|huge|) fan of; is great; was great; was (so|very|) good; is (so|very|) good
        (favourite|favorite|favourites|favorites) (is|are|was|were|of mine is|film is|)
        one (i|we) (like|liked|loved|enjoyed) is; reminds me of; crazy about; used to (like|love)
        """,
    Cue.HATE: f"""
        {_I} (hate|hated|dislike|disliked|loathe|loathed|detest|despise); hate; hated; dislike; disliked; loathe
        loathed; detest; despise; {_I} (do|did|could|can) not (like|love|enjoy|stand|bear|handle|get into|take)
        do not (like|love|enjoy|care for); did not (like|love|enjoy|care for); never liked; could not stand
        can not (stand|bear|handle|do|deal with|take|get into); not (a|much of a) (big|huge|real|) fan of
        not (into|keen on|fond of|big on|one for|interested in|crazy about|a lover of); not much of a
        was (terrible|awful|boring|bad); is (terrible|awful|boring|bad)
        """,
    Cue.NOT: """
        not; do not (want|need|feel like|fancy|{verb}|give me|show me|suggest|recommend); did not want
        (was|am|were|are|) not (looking for|in the mood for|up for|after|feeling|feeling like)
        would rather not (have|{verb}|see|); rather not; never; neither; would not (want|like); rather it were not
        will not {verb}; not necessarily; not another
        """,
    Cue.NONE: """
        none of; nothing; nor; without; minus; except (for|); but not; anything but; everything but; all but
        other than; apart from; aside from; besides; anything except; instead of; rather than
        avoid; avoiding; skip; stay away from; steer clear of; keep away from; leave out; keep out; cut out
        hold the; free of; lay off; opposed to; allergic to; scared of; afraid of; not any; not in; spare me
        no one; nobody wants; sensitive to; put off by
        """,
    Cue.NO_WORD: "no",
    Cue.SIMILAR: """
        like; something like; anything like; stuff like; things like; similar to; in the style of; kind of like
        along the lines of; in the vein of; just like; same as; as good as; as in; more like; close to; resembles
        comparable to; such as; the likes of; {nouns} like; {noun} like; one like
        """,
    Cue.TOO: """
        too (much|many|) (of|like|) (a|an|); overly; excessively; too much about
        too obviously from the; too heavy on; too full of
        """,
    Cue.LESS: "less; fewer; not as; not so; not that; nothing as; nothing so; toned down; easy on; go easy on",
    Cue.MORE: "more; even more; much more; a bit more; extra; a little more; slightly more",
    Cue.LACKS: "not enough; lacks; lacking; needs more; need more; could use more; missing; more of",
    Cue.ENOUGH: """
        enough (of|with|); (have|) had enough (of|); (had|) my fill of; sick of; tired of; fed up with; bored (of|with|by)
        done with; burned out on; burnt out on; no more; plenty of; had it with; seen enough; over with
        that is plenty of; that is enough
        """,
    Cue.ACTUALLY: "actually; you know what",
    Cue.CHANGE: """
        on (second|reflection) (thought|thoughts|); (have|) changed my mind; change my mind; come to think of it
        thinking about it; after all; let us change; switch to; changing my mind; change of plan
        forget (that|it) let us; changed our minds
        """,
    Cue.CORRECT: """
        no (,|) (wait|actually|sorry|make that|scratch that|hang on|hold on|i mean|i meant|rather); (wait|sorry) (,|) no
        scratch that; strike that; make that; hang on; hold on; correction; i meant; oh wait; forget that
        """,
    Cue.FIX: "i mean; or rather; wait; sorry; well no; or better; make it",
    Cue.INSTEAD: "instead",
    Cue.BUT: "but; though; although; however; except that; only not; and then; even if; because; so; then",
    Cue.JUST: "just",
    Cue.AND: "and; plus; as well as; also; and also; with a bit of; along with",
    Cue.OR: "or; and or; or even; or else",
    Cue.ARTICLE: "a; an; the",
    Cue.THAN: "than",
    Cue.BY: """
        by; directed by; made by; written by; starring; featuring; stars; played by; works by; work by; not by
        """,
    Cue.HAVE_SEEN: f"""
        {_I} have (seen|{{seen}}|tried|had|got); have just ({{seen}}); ({{seen}}); seen; {_I} saw
        """,
    Cue.TOLD: f"""
        {_I} (caught|went to|was|were|got|had); last time; yesterday; last (night|week|month|year); i used to
        it (is|was|looks|seems|sounds|feels|did|does|has|had|would|will|could); they (are|were|seem|did|do|have|had|would); was; were; is it; is (this|that); was it; does it have; are they
        (this|that) (one|) (was|looks|seems|sounds|feels); he (is|was); she (is|was); there (is|was|were)
        """,
    Cue.TOLERATE: """
        do not mind (if|when) (it is|they are|there is); not sure (about|if|whether|how); do not know (if|whether|about|any|much about|how|why)
        not bothered about; i wonder (if|whether|what|why); do not hate; does not have to be; need not be
        no matter how; do not care how; what is; what are; who is; how is; why is
        """,
    Cue.ANY: "any; anything; everything; any kind of; any sort of; any type of; whichever",
    Cue.EVERY: "all; every; all the; all kinds of; what; which; both",
    Cue.OTHER: "different; another; some other; other; change of; a different; another kind of; change the",
    Cue.PUT_OFF: """
        (is|are|was|were) not (my thing|my taste|my style|my cup of tea|my kind of thing|my jam|for me|for us|our thing)
        (is|are) out; (bore|bores|scare|scares|annoy|annoys|depress|depresses) me; puts me off; put me off
        (turn|turns) me off; leaves me cold; leave me cold; never (do|does|did) it for me; (do|does) not do it for me
        (do|does) not work for me; is a no; are a no; is off the table
        (is|are) not what (i|we) (want|need); (and|) that is not what i wanted; (gives|give) me nightmares; no go
        """,
    Cue.IDLE: """
        right now; right away; as well; at all; as long as; how long; how old; so long; no longer; long (time|ago|day|week)
        years old; year old; all day; old friend; a lot; kind of; sort of; type of; look like; looks like; sounds like
        seems like; feels like; looks; if i had to pick; to be honest; if possible; if that is okay; if that is ok
        or something; or so; or anything; (or|and) (something|anything|stuff|things) like (that|this|it); and so on; and stuff; no matter; i think; i guess; i suppose; not quite sure
        this time; next time; every time; for one day; at the moment; good evening for; for a change; in mind
        (no|not) (more|less|later|earlier|longer|shorter|older|newer) than; at least; at most; i love you; love to
        would you like; do you like; new to; big deal; no doubt; no wonder; first time; with it; with that; in it
        without fail; what kind of; what sort of; what type of; not to mention; not too bad; whatever is
        for my (taste|liking); for (me|us); keep that in mind; you know; quick question; as soon as; for now
        one more; once more; and a half; all the time; all right now; work for; works for; work with; at work; from work
        enough to; nice one; good enough; old enough; in that case; the other day; may have; might have; hard work; my job
        """,
    Cue.DONT_KNOW: f"""
        (do|did|would) not (know|remember) (what|which|yet|); no idea; no clue; have no idea; (i am|) not sure (yet|about the|what|which|)
        unsure; can not (say|decide|think of any|think of anything); could not (say|tell you); hard to (say|tell|decide)
        have not (thought|decided|thought about it|thought about the|made up my mind); not decided; undecided; beats me
        who knows; good question; tough (question|one|call); not certain; let me think; need to think; haven't a clue
        nothing comes to mind; not (quite|) sure what i am after (yet|); {_I} have not got a clue; no particular idea
        """,
    Cue.NO_PREFERENCE: """
        (do|does|would) not matter; does not (really|) matter (to me|); do not (mind|care); do not (mind|care) (what|which|about the)
        not (fussy|picky|bothered|fussed|important|too fussy|that important); no (real|strong|) preference (on|for|about|)
        no (preferences|strong feelings|strong opinion|particular|big preference); whatever; either (one|is fine|works|way)
        i am easy; you (choose|decide|pick); surprise me; up to you; open to (anything|whatever|everything|suggestions)
        all the same to me; nothing (in particular|specific|particular|special); makes no difference; any of them
        anything (goes|works|is fine|will do|is good|at all); any (will do|is fine|works|one); all (are|is) fine
        i like (everything|anything|all kinds|all of them|all sorts); do not have (a|any) (preference|favourite|favorite)
        no favourite; no favorite; all good with me; your (choice|call|pick); you tell me; both are fine; all of them
        """,
    Cue.ACCEPT: f"""
        {_I} will (take|{{verb}}|go with|try|have|go for|get) {_IT}; {_I} (could|would|can|might) (go with|go for|take|{{verb}}|try) {_IT}
        sounds (good|great|perfect|fine|lovely|interesting|fun|amazing|excellent|promising|like a plan|like fun|nice|ok|okay)
        let us (go with|{{verb}}|try|do|take|have|go for) {_IT}; (exactly|just) {_WHAT_I_WANTED}; just the thing
        the very thing; works for (me|us); (it|that|this) will do; give (it|that|this one|that one) a (try|go|shot|chance|{{verb}})
        (good|great|nice|excellent|perfect|lovely|brilliant|fantastic) (pick|choice|call|suggestion|idea)
        (love|loving|i like|we like|i do like) {_IT}; {_I} (like|love) (the sound of|the look of) {_IT}; count me in; i am in; i am sold; sold
        (it|that|this|that one|this one) (is|will be) (okay|ok|fine|alright|all right|perfect|great|good|ideal|acceptable)
        but (okay|ok|fine|alright|all right); go for it; add it; looks (good|great|perfect|interesting|fun|nice|promising)
        i would (love|like) (to|) {{verb}} (it|that|this|that one); that is the one; could work; happy with that; you have convinced me
        {_I} will give (it|that) a (try|go|shot|chance|{{verb}}); hits the spot; just what (i|we) (wanted|needed)
        """,
    Cue.REJECT: f"""
        not (this|that one|this one|those|them|these); not (for me|for us|my thing|my taste|my style|my cup of tea|my kind of thing|our thing|right for me|right for us)
        no thanks; no thank you; next; next (one|please|up); pass; skip {_IT}; not interested
        (do|does|would) not (like|want|fancy|care for|need) {_IT}; did not (want|need) {_IT}; not (exactly|quite|at all|) {_WHAT_I_WANTED}
        nothing like {_WHAT_I_WANTED}; definitely not; absolutely not; maybe not; certainly not; no way; hell no; not a chance
        (i would|we would|) rather (you showed|see|have) (me|) something else; did you even listen; you understand {_WHAT_I_WANTED}; seriously
        (are|) you (are|) (even|) (not|) listening; do not think {_IT} is for me; do not think so that one
        (i am|) not sure about {_IT}; (i am|) not sure {_IT} is (right|for me|for us|right for me|right for us|my thing|what i want); not feeling (it|this|that); not in the mood for {_IT}
        do not feel like {_IT}; not (today|tonight); try again; {_I} asked for; no come on; come on; something different
        do not think {_IT} is (right for me|my thing|what i want); wrong (one|film|kind); can you not understand
        does not (appeal|appeal to me|sound good|look good|grab me|sound like me|interest me); do better; terrible (pick|choice|suggestion)
        bad (pick|choice|suggestion); not convinced; leave (it|that one); another one; try another; show me another
        {_I} hate (it|this|that); {_I} (would|will|do) not {{verb}} {_IT}; not a good (pick|choice|fit|match)
        """,
    Cue.SEEN_IT: f"""
        ({{seen}}|saw|seen|watched already) {_IT}; (i have|we have|have|) (already|) ({{seen}}|seen) {_IT} (before|already|)
        already (have|) ({{seen}}|seen); ({{seen}}|seen) (already|before); know {_IT} (already|by heart); been there done that
        already (have|know|own|know it|own it|had|had it|did|did it) ({_IT}|); done that; had {_IT} (before|already)
        {_I} saw {_IT}; {_I} (know|own|have) (it|that one|this one) (already|); ({{seen}}|seen) (all of those|them all|it all|both); not again
        """,
    Cue.NOT_SEEN: f"""
        (have|has|had) not (actually|even|) ({{seen}}|seen|heard of) (it|that|this|that one|this one|any|); never ({{seen}}|seen|heard of|saw) ({_IT}|)
        did not (see|{{verb}}) ({_IT}|)
        """,
    Cue.MORE_LIKE: f"""
        more (like|of) {_IT}; another (one|) like {_IT}; (something|anything|one|others|some|ones) like {_IT}; something similar
        anything similar; similar; similar (one|ones|to that|to this|to it); (along|on) (the same|those|these|similar) lines
        in the same vein; more in that vein; more please; what else do you have like (it|that|this)
        more of the same; others like {_IT}; just like (it|that); exactly like (it|that); close (enough|)
        another (one|) (of those|of these|of them|similar); in that (vein|style|spirit); the same (kind|sort|type|style)
        """,
    Cue.LIKE_THAT: "like (it|that|this|that one|this one|those)",
    Cue.LIKE_BUT: "(like|) (that|this|it|same) (one|) (,|) but; same thing but; (the same|almost|similar|close) (,|) but",
    Cue.IMPATIENT: f"""
        just (show|give|tell|suggest|recommend|pick|choose|find) (me|us|) (something|anything|one|some|a {{noun}}|{{nouns}}|some {{nouns}}|it)
        just (suggest|recommend) (something|already|one); (no|enough|stop|stop the|skip the|too many|so many|a lot of|less|fewer|all these|lots of|with the) (more|) questions
        stop asking (me|); get on with it; get to the (suggestions|point|recommendations); enough talking; hurry (up|)
        can you just (suggest|recommend|show|give) (me|) (something|one|anything|); quit asking; just pick; just recommend; just suggest
        get to (some|the|any) suggestions; no more (talking|questions|chat); keep asking; asking (me|) (so|too) many; already asked
        show me (something|a {{noun}}|one) already; this is taking (too|) (long|forever|ages); how many (more|) questions; just show me
        """,
    Cue.YES: f"""
        yes; yep; yeah; yup; yea; yes please; that is (right|it|correct|exactly it); you got it; i think so; correct; yeah sure
        (yes|yeah) i do; that is what i (meant|said); of course; spot on; exactly (that|right|it)
        """,
    Cue.NO: """
        nope; nah; not really; (do|did) not think so; not (it|quite|exactly|what i meant|what i said|right); no not (really|that|quite)
        wrong; incorrect; no it is not; neither of (those|them); that is not (it|right|what i meant|what i said)
        """,
    Cue.GREET: """
        hi (there|); hello (there|); hey (there|); hiya; howdy; good (morning|evening|afternoon); greetings; yo; hi again; hello again
        """,
    Cue.THANK: """
        thanks (a lot|so much|a bunch|again|); thank you (so much|very much|); many thanks; cheers; much appreciated
        appreciate it; ta; thanks for (that|your help|the help|everything)
        """,
    Cue.LEAVE: """
        bye (bye|for now|); goodbye; good bye; i am (done|leaving|off|out|all set|finished) (here|for now|now|); done (here|for now)
        that is (all|everything) (i needed|for now|for today|thanks|i wanted|i need|); all set; see (you|ya) (later|soon|around|next time|)
        (got|have|need) to (go|run|leave); look (somewhere else|elsewhere|for one myself); going nowhere; not working; find one myself
        (i|i will|will) give up; giving up; forget (it|the whole thing); never mind; nevermind; good night; goodnight; quit; exit
        (i will|let us|will) (stop|leave it) (here|there|at that|for now|); this is (pointless|useless|hopeless|a waste of time)
        waste of (my|) time; ciao; farewell; have a (nice|good|great|lovely) (day|evening|night|one|weekend); no longer interested
        talk to you later; ttyl; do it myself; try somewhere else; look myself
        """,
    Cue.LOVED_IT: """
        (i|we|) (loved|liked|enjoyed|adored) (it|that|this one|that one|them|both|all of them); (it|that) was (great|good|amazing|fantastic|brilliant|excellent|wonderful)
        """,
    Cue.HATED_IT: """
        (i|we|) (hated|disliked|loathed) (it|that|this one|that one|them|both); (it|that) was (terrible|awful|boring|bad|dreadful|disappointing)
        (did|do) not like it much; did not (like|enjoy|love) (it|that|that one|them)
        """,
    Cue.RATING: """
        (one|two|three|four|five|0|1|2|3|4|5) (star|stars); (one|two|three|four|five|0|1|2|3|4|5) out of (five|5)
        (one|two|three|four|five|six|seven|eight|nine|ten|1|2|3|4|5|6|7|8|9|10) out of (ten|10)
        """,
    Cue.MAYBE_ACCEPT: """
        perfect; great; excellent; awesome; ok; okay; sure; fine; alright; all right; brilliant; wonderful; cool; lovely; nice; good; amazing
        fantastic; deal; why not; fair enough; interesting; yay; superb; ideal; not bad; okay then; ok then; sweet; tempting
        """,
    Cue.MAYBE_REJECT: """
        boring; meh; awful; terrible; ugh; no good; yuck; rubbish; bad; horrible; dull; lame; hmm no; eh; not great; not good; disappointing
        """,
    Cue.MAYBE_YES: "right; exactly; indeed; absolutely; definitely; certainly; totally; for sure; true; uh huh; precisely",
    Cue.MAYBE_ELSE: """
        something else; anything else; what else; something other; others; other options; try something else; else; got anything else
        """,
}
"""Phrases by cue."""

ADVERBS: Final = frozenset(
    """really just quite pretty very also always usually generally mostly definitely absolutely totally particularly
    especially honestly maybe probably perhaps ever so simply truly still even rather actually already
    currently slightly somewhat super""".split()
)
"""May stand inside a phrase without changing it."""

FUNCTION: Final = frozenset(
    """a an the i me my mine we us our you your it its this that these those one ones is am are was were be been being do does did
    will would can could should might may must have has had of to for in on at with from as by so then now if when and or but
    because some any no not none all other others another else such what which who how why where than up out about into over
    something anything nothing everything someone more most less least much many too very only just even also first last next
    like want need new same few several each every either neither both own""".split()
)
"""Closed-class words; a value by such a name is read only where it is the whole reply."""

FILLERS: Final = FUNCTION | frozenset(
    """a an the i me my mine we us our you your it its this that these those one ones is am are was were be been being do does did
    will would can could should might may must have has had of to for in on at with from as by so then now well oh um uh er hmm hm
    mmm ah please really just quite pretty very also maybe perhaps probably guess think suppose there here okay ok right honestly
    actually some something anything someone kind sort type bit little lot lots if when and or but because too much many more most
    ever again still yet today tonight time thing things stuff sounds sound looks look seems feel feels feeling feels like need want
    go going get got let see say tell know make makes made more less such what which who how why where than up out about into over
    good nice great fun new fine perhaps ideally preferably definitely absolutely especially mainly basically literally totally way
    super always usually often sometimes generally typically mostly rather even only first last next another other others else
    best better favourite favorite favourites favorites hey hi man dude s kinda sorta yes yeah evening night day weekend week""".split()
)
"""Words that leave a clause a mere fragment: "dark, maybe, for tonight"."""

PROSE_LIMIT: Final = 2
"""A clause without any cue for a wish and with this many words of other content is prose, not a wish."""

_CHOICE: Final = re.compile(r"\(([^()]*)\)")


def expand(pattern: str) -> list[tuple[str, ...]]:
    """All phrases a pattern stands for: ``"no (more|) x"`` -> ``no more x``, ``no x``."""
    pieces = _CHOICE.split(pattern)
    if "(" in "".join(pieces):
        # One level of nesting: the innermost groups were split first; expand them and go again.
        inner = ["|" in piece and i % 2 == 1 for i, piece in enumerate(pieces)]
        options = [piece.split("|") if deep else [piece] for piece, deep in zip(pieces, inner, strict=True)]
        phrases = [phrase for choice in product(*options) for phrase in expand("".join(choice))]
        return list(dict.fromkeys(phrases))
    options = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    return list(dict.fromkeys(tuple("".join(choice).split()) for choice in product(*options)))


def phrases(cue: Cue, words: dict[str, str]) -> list[tuple[str, ...]]:
    """The phrases of a cue with the catalogue's words filled in.

    Args:
        cue: The cue.
        words: Values of ``{verb}``, ``{verbing}``, ``{seen}``, ``{noun}`` and ``{nouns}``; several forms are
            separated by ``|``.
    """
    out: list[tuple[str, ...]] = []
    for line in CUES[cue].format_map({key: f"({word})" for key, word in words.items()}).split("\n"):
        for pattern in line.split(";"):
            if pattern.strip():
                out += [phrase for phrase in expand(pattern.strip()) if phrase]
    return list(dict.fromkeys(out))
