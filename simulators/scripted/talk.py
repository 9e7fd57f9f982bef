"""What scripted people say: from intentions to sentence ids, vectorised over people."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.user_simulator import USER_SENTENCES, SystemTurn
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from chatrec_env.retrieval.retriever import UsesLoops, compiled_loops, sating_values
from simulators.scripted.profiles import People
from simulators.scripted.script import (
    CLOSING,
    EXTRA,
    OPENING,
    REPLY,
    SPEAKING,
    SPOKEN,
    Appetite,
    Moment,
    Rows_,
    Script,
)

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import Grammar
    from simulators.scenarios.scenario import Scenario

LOOPS = "simulators.loops"
BORED, PLEASED = -0.25, 0.35
"""Satisfaction below or above which people sometimes remark on it."""

FULL_UP = 2.0
"""Satiation of a value, in units of weighted consumption, from which people say they have had enough of it."""


class Talk(UsesLoops):
    """Turns what people want, feel and decide into what they say."""

    _loops_module = LOOPS

    def __init__(self, catalog: Catalog, grammar: Grammar, scenario: Scenario) -> None:
        self._loops = compiled_loops(LOOPS)
        self._edges = np.array([*(s.start for s in catalog.facet_slices), catalog.n_values], np.intp)
        self.catalog, self.grammar, self.scenario = catalog, grammar, scenario
        self._facet_of = np.asarray(catalog.value_facet, np.intp)
        self._sating = sating_values(catalog)
        self._weights = np.array([catalog.facets[f].weight for f in self._facet_of], np.float32)
        self._relative = [
            f
            for f, facet in enumerate(catalog.facets)
            if facet.kind == "numeric" and facet.more and facet.less
        ]
        self._comparable = np.array(self._relative, np.intp)
        self._codes = np.array([grammar.code(form) for form in SPOKEN], np.int8)

    def opening(self, people: People, draws: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """First words ``(N, 4)``: a greeting, company, and a wish or two; everything if the scenario tells all.

        Args:
            people: Who speaks; ``told`` is updated in place.
            draws: (N, 4) uniforms.
        """
        script = Script(self.grammar, people, draws[:, 0], self._loops)
        n = len(draws)
        every = np.arange(n)
        if self.scenario.tells_all:
            self._tell_all(script, people)
            return script.ids
        company = people.context >= 0
        script.say(every[company], OPENING, Form.CONTEXT, people.context[company])
        polite = ~company & (draws[:, 1] < 0.5)
        script.say(every[polite], OPENING, Form.GREET)
        first = self._untold(people, every)
        has = first >= 0
        pair = np.full(n, -1, np.int32)
        people.told[every[has], first[has]] = True
        second = self._untold(people, every)
        both = has & (second >= 0) & (draws[:, 2] < 0.35)
        pair[both] = self.grammar.pair_arg(first[both], second[both])
        paired = pair >= 0
        people.told[every[paired], second[paired]] = True
        script.say(every[paired], REPLY, Form.WANT_PAIR, pair[paired])
        single = has & ~paired
        script.say(every[single], REPLY, Form.WANT, first[single])
        avoids = people.unwanted.any(1) & (draws[:, 3] < 0.25)
        self._say_unwanted(script, people, every[avoids], EXTRA)
        return script.ids

    def _tell_all(self, script: Script, people: People) -> None:
        """Every wanted value in a sentence of its own, then the unwanted one."""
        left = people.wanted.copy()
        dislikes = people.unwanted.any(1)
        for place in range(USER_SENTENCES):
            rows = np.flatnonzero(left.any(1) & ~(dislikes & (place == CLOSING)))
            value = left[rows].argmax(1)
            left[rows, value] = False
            people.told[rows, value] = True
            script.say(rows, place, Form.WANT, value)
        rows = np.flatnonzero(dislikes)
        self._say_unwanted(script, people, rows, CLOSING)

    def _say_unwanted(self, script: Script, people: People, rows: Rows_, place: int) -> None:
        value = people.unwanted[rows].argmax(1)
        people.told[rows, value] = True
        script.say(rows, place, Form.AVOID, value)

    def _untold(self, people: People, rows: Rows_) -> npt.NDArray[np.intp]:
        """The weightiest wanted value not yet said, -1 if none, one per row."""
        open_ = people.wanted[rows] & ~people.told[rows]
        value = (open_ * self._weights).argmax(1)
        return np.where(open_.any(1), value, -1)

    def appetite(self, people: People, speakers: npt.NDArray[np.bool_]) -> Appetite:
        """What every value is worth to ``speakers (N,)`` now: desire less satiation."""
        rows = np.flatnonzero(speakers)
        place = np.full(len(speakers), -1, np.intp)
        place[rows] = np.arange(len(rows))
        if self._loops is not None:
            worth = np.empty((len(rows), people.desire.shape[1]), np.float32)
            self._loops.appetites(rows, people.desire, people.satiation, people.satiability, worth)
        else:
            worth = people.desire[rows] - people.satiability[rows, None] * people.satiation[rows]
        return Appetite(worth, place)

    def reply(
        self,
        people: People,
        system: SystemTurn,
        moment: Moment,
        appetite: Appetite,
        draws: npt.NDArray[np.float64],
    ) -> Script:
        """What everybody says in this turn.

        Args:
            people: Who speaks; ``told`` and ``complained`` are updated in place.
            system: What they were asked or offered.
            moment: What came of it.
            appetite: Of all who are asked, and of the talkative who were offered something.
            draws: (N, 14 or more) uniforms of the turn.
        """
        script = Script(self.grammar, people, draws[:, 7], self._loops)
        if self._loops is not None:
            self._loops.say_all(
                system.act,
                system.facet,
                system.value,
                *(getattr(moment, f.name) for f in fields(moment)),
                appetite.worth,
                appetite.place,
                *(getattr(people, name) for name in SPEAKING),
                self.catalog.values,
                self.catalog.weighted_values,
                self._weights,
                self._sating,
                self._edges,
                self._comparable,
                draws,
                self._codes,
                self.scenario.ignores,
                np.float32(self.scenario.steady),
                FULL_UP,
                BORED,
                PLEASED,
                script.codes,
                script.args,
            )
            return script
        every = np.arange(len(draws))
        rows = every[system.act == SystemAct.ASK]
        self.answer(script, rows, system.facet[rows], appetite.of(rows), draws[rows, 8:10])
        rows = every[system.act == SystemAct.CONFIRM]
        self.confirm(script, rows, system.value[rows], appetite.of(rows))
        rows = every[moment.offered]
        self.react(script, moment.taken[rows], moment.stars[rows], moment.seen[rows], rows)
        rows = every[moment.offered & (draws[:, 10] < people.talkative) & ~moment.changed & ~moment.leave]
        self.volunteer(
            script, rows, moment.item[rows], moment.taken[rows], appetite.of(rows), draws[rows, 11:13]
        )
        self.change_mind(script, every[moment.changed], moment.new_value[moment.changed])
        self.remark(script, draws[:, 13], moment.asked & (people.questions > people.patience))
        self.goodbye(script, moment.leave)
        return script

    def answer(
        self,
        script: Script,
        rows: Rows_,
        facet: npt.NDArray[np.int16],
        appetite: npt.NDArray[np.float32],
        draws: npt.NDArray[np.float64],
    ) -> None:
        """Answer a question about ``facet``: the value they now want most, or do not want, or don't know.

        Args:
            script: Sentences of the turn.
            rows: (n,) who is asked.
            facet: (n,) about what.
            appetite: (n, V) what each value is worth to them now.
            draws: (n, 2) uniforms: whether they answer at all, whether they know.
        """
        people = script.people
        silent = draws[:, 0] < self.scenario.ignores
        script.say(rows[silent], OPENING, Form.SMALL_TALK)
        lost = ~silent & (draws[:, 1] >= people.knows[rows])
        script.say(rows[lost], OPENING, Form.DONT_KNOW, facet[lost])
        here = np.flatnonzero(~silent & ~lost)
        best, worst, second = self._rank(appetite[here], facet[here])
        top, low = appetite[here, best], appetite[here, worst]
        likes, hates = top >= 0.5, (top < 0.5) & (low <= -1.0)
        who, value = rows[here[likes]], best[likes]
        script.say(who, OPENING, Form.ANSWER, value)
        people.told[who, value] = True
        # The talkative name their second choice too, if they want it as much as a wish.
        wants = likes & (second >= 0) & (appetite[here, second] >= 0.5)
        wants &= draws[here, 1] < people.talkative[rows[here]]
        who, value = rows[here[wants]], second[wants]
        script.say(who, REPLY, Form.WANT, value)
        people.told[who, value] = True
        who, value = rows[here[hates]], worst[hates]
        script.say(who, OPENING, Form.AVOID, value)
        people.told[who, value] = True
        neither = here[~likes & ~hates]
        script.say(rows[neither], OPENING, Form.NO_PREFERENCE, facet[neither])

    def confirm(
        self, script: Script, rows: Rows_, value: npt.NDArray[np.int16], appetite: npt.NDArray[np.float32]
    ) -> None:
        """Yes if ``value (n,)`` is worth something to them now, otherwise no; ``appetite (n, V)``."""
        yes = appetite[np.arange(len(rows)), np.maximum(value, 0)] >= 0.5
        script.say(rows[yes], OPENING, Form.YES)
        script.people.told[rows[yes], value[yes]] = True
        script.say(rows[~yes], OPENING, Form.NO)

    def _rank(self, worth: npt.NDArray[np.float32], facet: npt.NDArray[np.int16]) -> npt.NDArray[np.intp]:
        """Best, worst and second best value of each facet by ``worth (n, V)``, (3, n); -1 if there is no second."""
        found = np.full((3, len(facet)), -1, np.intp)
        if self._loops is not None:
            self._loops.rank_values(worth, facet, self._edges, found)
            return found
        for f in np.unique(facet):
            here = np.flatnonzero(facet == f)
            part = self.catalog.facet_slices[f]
            own = worth[here, part]
            best = own.argmax(1)
            found[0, here], found[1, here] = best + part.start, own.argmin(1) + part.start
            if own.shape[1] > 1:
                own[np.arange(len(here)), best] = -np.inf
                found[2, here] = own.argmax(1) + part.start
        return found

    def react(
        self,
        script: Script,
        accepted: npt.NDArray[np.bool_],
        stars: npt.NDArray[np.int8],
        seen: npt.NDArray[np.bool_],
        rows: Rows_,
    ) -> None:
        """First words on a suggestion: taken (warmly, plainly, coolly by rating), seen already, or turned down."""
        satisfaction = script.people.satisfaction[rows]
        for form, who in (
            (Form.ACCEPT_WARM, accepted & (stars >= 5)),
            (Form.ACCEPT_PLAIN, accepted & (stars == 4)),
            (Form.ACCEPT_COOL, accepted & (stars <= 3)),
            (Form.SEEN_IT, seen),
            (Form.REJECT_MILD, ~accepted & ~seen & (satisfaction >= -0.1)),
            (Form.REJECT_FIRM, ~accepted & ~seen & (satisfaction < -0.1) & (satisfaction >= -0.35)),
            (Form.REJECT_ANNOYED, ~accepted & ~seen & (satisfaction < -0.35)),
        ):
            script.say(rows[who], OPENING, form)

    def volunteer(
        self,
        script: Script,
        rows: Rows_,
        item: npt.NDArray[np.int32],
        accepted: npt.NDArray[np.bool_],
        appetite: npt.NDArray[np.float32],
        draws: npt.NDArray[np.float64],
    ) -> None:
        """Something more after a reaction: a critique, a wish, "enough of ...", "newer", "like that but ...".

        Args:
            script: Sentences of the turn.
            rows: (n,) who volunteers.
            item: (n,) the suggestion they speak of.
            accepted: (n,) whether they took it.
            appetite: (n, V) what each value is worth to them now.
            draws: (n, 2) uniforms.
        """
        people, catalog = script.people, self.catalog
        values = catalog.values[item] > 0
        worth = appetite * catalog.weighted_values[item]
        full = people.satiation[rows] * self._sating
        sated = full.argmax(1)
        steady = people.satiability[rows] <= self.scenario.steady
        is_full = (full[np.arange(len(rows)), sated] >= FULL_UP) & (draws[:, 0] < 0.6)
        is_full &= ~people.complained[rows] & ~steady
        script.say(rows[is_full], REPLY, Form.ENOUGH_OF, sated[is_full])
        people.complained[rows[is_full]] = True
        left = ~is_full
        wrong = np.where(values, worth, 0).argmin(1)
        hurt = left & ~accepted & (worth[np.arange(len(rows)), wrong] <= -0.5)
        script.say(rows[hurt], REPLY, Form.TOO, wrong[hurt])
        left &= ~hurt
        pleased = left & accepted & (draws[:, 1] < np.where(steady, 0.7, 0.05))
        script.say(rows[pleased], REPLY, Form.MORE_LIKE_THAT)
        left &= ~pleased
        wish = self._untold(people, rows)
        missing = left & (wish >= 0)
        near = missing & (draws[:, 1] < 0.3) & (worth.sum(1) > 0)
        script.say(rows[near], REPLY, Form.LIKE_BUT, wish[near])
        plain = missing & ~near
        script.say(rows[plain], REPLY, Form.WANT, wish[plain])
        people.told[rows[missing], wish[missing]] = True
        left &= ~missing
        for f in self._relative:
            part = catalog.facet_slices[f]
            ideal = appetite[:, part].argmax(1)
            own = catalog.values[item, part].argmax(1)
            off = left & ~accepted & (appetite[:, part].max(1) >= 0.5) & (ideal != own)
            script.say(rows[off], REPLY, Form.RELATIVE, 2 * f + (ideal[off] > own[off]))
            left &= ~off

    def remark(
        self, script: Script, draws: npt.NDArray[np.float64], impatient: npt.NDArray[np.bool_]
    ) -> None:
        """Now and then, how it is going: impatience with questions, boredom, pleasure."""
        satisfaction = script.people.satisfaction
        every = np.arange(len(draws))
        script.say(every[impatient & (draws < 0.5)], EXTRA, Form.IMPATIENT)
        calm = ~impatient & (script.codes[:, OPENING] >= 0) & (draws < 0.35)
        script.say(every[calm & (satisfaction < BORED)], EXTRA, Form.MOOD_BORED)
        script.say(every[calm & (satisfaction > PLEASED)], EXTRA, Form.MOOD_PLEASED)

    def change_mind(self, script: Script, rows: Rows_, value: npt.NDArray[np.intp]) -> None:
        """Name the new wish: "Actually, make it a thriller, please"."""
        script.say(rows, REPLY, Form.CHANGE_MIND, value)
        script.people.told[rows, value] = True

    def goodbye(self, script: Script, leave: npt.NDArray[np.bool_]) -> None:
        """Last words: thanks if it went well, otherwise not."""
        happy = script.people.satisfaction >= 0.0
        every = np.arange(len(leave))
        script.say(every[leave & happy], CLOSING, Form.THANK_LEAVE)
        script.say(every[leave & ~happy], CLOSING, Form.LEAVE_UNHAPPY)

    def greet_again(self, script: Script, rows: Rows_) -> None:
        """A goodbye, then, days later, a greeting and what they are there for: the weightiest wish, as at first."""
        people = script.people
        for array in (script.codes, script.args):
            array[rows, REPLY] = array[rows, CLOSING]
        script.say(rows, EXTRA, Form.GREET)
        script.codes[rows, CLOSING] = -1
        wishes = rows[people.wanted[rows].any(1)]
        value = (people.wanted[wishes] * self._weights).argmax(1)
        script.say(wishes, CLOSING, Form.WANT, value)
        people.told[wishes, value] = True
