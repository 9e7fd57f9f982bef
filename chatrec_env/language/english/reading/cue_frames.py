"""Phrases that shape the reading of what stands around them: wishing, negation, comparison, correction.

Phrases are written as ``tokenize`` gives them (``don't`` is ``do not``). ``(a|b|)`` are alternatives, the
last one nothing; ``{verb}``, ``{verbing}``, ``{seen}``, ``{noun}`` and ``{nouns}`` are the catalogue's words.
Adverbs such as "really" need not be written: they may stand anywhere inside a phrase.
"""

from __future__ import annotations

from typing import Final

from chatrec_env.language.reader.chunks import Cue

_SEE = "(seen|tried|had|got|{seen})"

FRAMES: Final[dict[Cue, str]] = {
    Cue.START: """
        (i|we) (want|need|prefer|fancy|crave|feel like); (i|we) (could|can) (use|go for|do with)
        i like my {nouns}; (i|we) would (like|love|prefer|enjoy|fancy|take|choose|pick)
        (i|we) would (go for|go with); (i|we) would rather (have|go for|{verb}|); looking for; in search of
        hoping for; hope for; toss up between; somewhere between; happy with
        (give|show|find|get|bring) (me|us); recommend; suggest; how about
        what about; maybe try; go (for|with); let us (say|go for|go with|try|do|have|see|{verb}|)
        do you have; have you got; (do|did) not you have; have not you got; (can|could) (you|we)
        (can|could) not you (find|show|suggest|recommend|give); would not mind; would not say no to
        can not go wrong with; nothing wrong with; no problem with; nothing but; not (only|just)
        (must|should) be; (has|have|needs) to be; i would say; why not (try|a|an|some)
        it (has|had|needs|needed|ought) to be; it (should|must|can|could) be; (it|this) is for
        it would be (nice|good|great|lovely) (to|if); as long as it is; make sure it is
        (i|we) (am|are|was|were) (into|after|up for|keen on|fond of|ready for|interested in|in the mood for)
        (i|we) (am|are|was|were) (craving|thinking|thinking of|looking for|hoping for)
        """,
    Cue.WISH: """
        want; wants; need; prefer; would (like|love|prefer|do); (in the|) mood for; up for; in for
        feel like; would be (good|nice|great|fine|lovely|perfect|better|ideal); feeling like; fancy; craving
        after; got; are there; is there; ready for; interested in; curious about; keen on; into; fond of
        partial to; ideally; preferably; only; with; if it is; hope it is; some; something; someone; bit of
        lots of; make me; want to; to {verb}; {verb}; {verbing}; thinking (of|); wish; could be; say; find
        please; about; set in; from; any chance of; by; directed by; made by; written by; starring
        featuring; played by
        """,
    Cue.LIKE: """
        (i|we) (like|love|enjoy|adore|liked|loved|enjoyed|adored); (i|we) would have liked
        (i am|) (a|) (big|huge|) fan of; i am a (big|huge|massive|total); liked; loved; enjoyed; adored; love
        loves; loving; adore; enjoy
        (is|was) great; (is|was) (so|very|) good
        (favourite|favorite|favourites|favorites) ({noun}|) (is|are|was|were|of mine is|)
        one (i|we) (like|liked|loved|enjoyed) is; reminds me of; crazy about; used to (like|love)
        """,
    Cue.HATE: """
        (i|we|) (hate|hated|dislike|disliked|loathe|loathed|detest|despise); (hates|dislikes); never liked
        least (favourite|favorite); not much of a
        (i|we|) (do|did) not (like|love|enjoy|care for); does not (like|love|enjoy|care for)
        (i|we|) (can|could) not (stand|bear|handle|do|take|get into)
        not (a|much of a) (big|huge|real|) fan of
        i am not (much of|) a (big|huge|real|)
        not (into|keen on|fond of|big on|one for|interested in|crazy about)
        (one of|) the worst ({noun}|{nouns}|) ((i|we|) (have|) (ever|) {seen}|);
        (is|was) not (good|great|any good|that good|that great|very good|so good|the best)
        (is|was) (terrible|awful|boring|bad); can not deal with; not a lover of
        """,
    Cue.NOT: """
        not; no need (for|of)
        (do|will|would) not (want|need|feel like|fancy|give me|show me|suggest|recommend|{verb})
        (will|would) not like; did not want
        (was|am|were|are) not (looking for|in the mood for|up for|after|feeling|feeling like)
        (would|) rather not (have|see|{verb}|); rather it were not; never; neither
        not (necessarily|another)
        """,
    Cue.NONE: """
        none of; nothing; nor; without; minus; except (for|); but not; anything (but|except); everything but
        all but; other than; apart from; aside from; besides; (instead|rather than) of; rather than; avoid
        avoiding; skip; (stay|keep) away from; steer clear of; (leave|keep|cut) out; hold the; free of
        lay off; opposed to; allergic to; scared of; afraid of; not any; not in; spare me; no one
        nobody wants; sensitive to; put off by
        """,
    Cue.NO_WORD: "no",
    Cue.SIMILAR: """
        (something|anything|stuff|things|kind of|just|more|one|{noun}|{nouns}|) like
        (something|anything|) similar to
        in the style of; along the lines of; in the vein of; same as; as good as; as in; close to; resembles
        comparable to; such as; the likes of
        """,
    Cue.TOO: """
        too (much|many|) (of|like|about|) (a|an|); too obviously from the; too heavy on; too full of; overly
        """,
    Cue.LESS: """
        less; but not (as|so|that|too); less of; fewer; not (as|so|that); nothing (as|so); toned down
        (go|) easy on
        """,
    Cue.MORE: "(even|much|a bit|a little|slightly|) more; extra",
    Cue.LACKS: "not enough; lacks; lacking; (needs|need|could use) more; missing; more of",
    Cue.ENOUGH: """
        (had|have had|) enough (of|with|); (had|) my fill of; (sick|tired) of; fed up with
        bored (of|with|by); (i am|) done with; (burned|burnt) out on; no more; that is plenty of
        had it with; seen enough; over with; that is enough
        """,
    Cue.ACTUALLY: "actually; you know what",
    Cue.CHANGE: """
        on (second thought|second thoughts|reflection); (have|) changed (my mind|our minds)
        (change|changing) my mind; come to think of it; thinking about it; after all; let us change
        switch to; change of plan; forget (that|it) let us
        """,
    Cue.CORRECT: """
        no (,|) (wait|actually|sorry|make that|scratch that|hang on|hold on|i mean|i meant|rather)
        (wait|sorry) (,|) no; scratch that; strike that; make that; hang on; hold on; correction; i meant
        oh wait; forget that
        """,
    Cue.FIX: "i mean; or rather; wait; sorry; well no; or better; make it",
    Cue.INSTEAD: "instead",
    Cue.BUT: """
        but; unless; though; although; however; except that; only not; and then; even if; because; so; then
        """,
    Cue.JUST: "just",
    Cue.AND: "and; plus; as well as; also; and also; with a bit of; along with",
    Cue.OR: "or; and or; or (even|else)",
    Cue.ARTICLE: "a; an; the",
    Cue.THAN: "than",
    Cue.HAVE_SEEN: f"""
        (i|we) have {_SEE}; have just ({{seen}}); ({{seen}}); (i|we) saw
        (i|we|) (have|) ({{seen}}|saw) (most|some|all|many|both|several|one|a few|a couple) (of|) the
        """,
    Cue.NOT_SEEN: """
        (i|we|) (do|did) not (think|believe|know|remember) (if|) (i|we) (have|) ({seen}|saw)
        not sure (if|that|whether|) (i|we) (have|) ({seen}|saw); (i|we) (have not|never) ({seen}|heard of|saw)
        (have|has|had) not (even|) ({seen}|heard of) (it|that|this|that one|this one|any|)
        did not (see|{verb}); never ({seen}|heard of|saw) (it|that|this|that one|this one|)
        have you ({seen}); did you see
        """,
    Cue.REPORT: """
        (i|we) (caught|went to|was|were|got|had); last (time|night|week|month|year); yesterday; i used to
        (i|we) (find|found) (it|them|that|this|these|those)
        was; were; sounds; seems; sounded; seemed
        it (is|was|looks|seems|sounds|feels|looked|seemed|sounded|felt|did|does|has|had|would|will|could)
        is (it|this|that)
        was it; (did|do) (it|they) have; they (are|were|seem|did|do|have|had|would); are they; does it have
        (he|she) (is|was)
        there (is|was|were); (this|that) (one|) (is|was|looks|seems|sounds|feels|looked|seemed|sounded|felt)
        """,
    Cue.TOLERATE: """
        (do|did) not (think|believe|feel) (it|that|they|he|she|this|there|the|my|our); not trying to be
        do not mind (if|when) (it is|they are|there is); not sure (about|if|whether|how); not bothered about
        do not know (if|whether|about|any|much about|how|why); i wonder (if|whether|what|why); do not hate
        does not have to be; need not be; no matter how; do not care how; (what|who|how|why) is; what are
        """,
    Cue.ANY: "any (kind of|sort of|type of|); anything; everything; whichever",
    Cue.EVERY: "all (the|kinds of|); every; what; which; both",
    Cue.OTHER: "(a|some|) different; (some|another kind of|) other; another; change (of|the)",
    Cue.PUT_OFF: """
        (is|are|was|were) not (for|) (me|us|my thing|my taste|my style|my cup of tea|my jam|our thing)
        (is|are|was|were) not my kind of thing
        (is|are) out; (bore|bores|scares|annoy|annoys|depress|depresses) me
        (put|puts|turn|turns) me off; (leave|leaves) me cold; never (do|does|did) it for me
        (do|does) not (do it|work) for me; (is|are) a no; is off the table
        (is|are) not what (i|we) (want|need); (and|) that is not what i wanted; (give|gives) me nightmares
        no go
        """,
    Cue.IDLE: """
        right (now|away); as (well|long as|soon as); at (all|least|most|work|the moment); so long; no longer
        how (long|old); long (time|ago|day|week); (years|year) old; all (day|the time|right now); old friend
        a lot; kind of; sort of; type of; (look|looks|sounds|seems|feels) like; looks; if i had to pick
        to be honest; if possible; if that is (okay|ok)
        (or|and) (something|anything|stuff|things) like (that|this|it); or (something|so|anything)
        and (so on|stuff); no (matter|doubt|wonder|worries|problem|need to); i (think|guess|suppose|love you)
        (this|next|every|first) time; next (week|weekend|month|year|day)
        for (a change|now|one day|me|us|my taste|my liking)
        growing up with
        (when|as|since|while) (i|we) (was|were) (a|) (kid|child|little|teenager|young|growing up)
        ({noun}|{nouns}) growing up; (as|like) a (kid|child|teenager); when i was a (kid|child|teenager)
        in (mind|it|that case); love to; (would|do) you like
        (no|not) (more|less|later|earlier|longer|shorter|older|newer) than; new to; big deal; with (it|that)
        without fail; what (kind|sort|type) of; not to mention; not too bad; whatever is; keep that in mind
        you know; quick question; (one|once) more; and a half; (work|works) for; work with; from work
        it is not (that|so|) (hard|difficult|complicated); not rocket science; how hard can (it|that|this) be
        hard work; my job; enough to; nice one; (good|old) enough; the other day; (may|might) have
        rain later; live action
        """,
}
"""Patterns by cue; see :func:`~chatrec_env.language.reader.lexicon.phrases`."""
