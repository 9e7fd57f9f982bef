"""What each scenario changes of ``null``, with the break-even it is built around.

In ``null`` there is nothing to learn; a scenario here adds one effect, so that what a policy gains on the myopic one
is owed to it. ``simulators.scenarios.scenario`` makes them; tests hold the claims below to simulations.

Three of them turn on the worth of a question. Let a turn with what is known now be worth ``v0``, with one wish more
``v1``, and let ``N = (1 - (1 - h)^20) / h`` be the turns to be expected at a chance ``h`` of leaving per turn. A
question costs the turn it takes (and 0.05), so it pays if ``v1 / v0 > N / (N - 1)``, nearly. With two interests, of
which the opening names a wish or two, ``v1 / v0`` is about 1.25 for the first question.
"""

from __future__ import annotations

from typing import Any

SATIATION: dict[str, Any] = {"satiation": 1.6, "pickiness": 2.0}
"""All is said at once, but what was accepted lately satiates; leaving does not depend on it.

Break-even: let two kinds of item share no sating value, each weigh ``m`` (the sum of its squared sating weights), and
the better one be worth ``g`` more. Repeating it costs ``b m / (1 - d)`` logits in the long run, taking turns ``b m d
/ (1 - d^2)``, so taking turns pays if ``b m / (1 - d^2) > g / 2``, that is from a satiability of ``b = g (1 - d^2) /
(2 m) = 0.08`` on, with d = 0.85, g = 1.25 (a genre) and m = 2.1 (genre, mood, theme). Here b is uniform from 0.8 to
2.4: varying pays for everybody. The lower bar (2.0 instead of 2.75) gives satiation something to take away."""

PATIENCE: dict[str, Any] = {
    "tells_all": False,
    "interests": 2,
    "patience": 3.0,
    "leave_constant": -1.0,
    "leave_base": -3.0,
    "leave_satisfaction": 0.0,
    "leave_waiting": 0.0,
    "leave_questions": 1.0,
}
"""Wishes come out by asking, and questions past a person's patience (0 to 6, hidden) drive them away; nothing else
does.

Break-even: with ``h = sigmoid(-3) = 0.047``, N is 13.1. A question that is taken kindly leaves h as it is and pays if
``v1 / v0 > 1.08``; the first one past patience raises h to ``sigmoid(-2) = 0.119`` for good, which leaves 6.73 turns
after it, and pays only if ``v1 / v0 > 13.1 / 6.73 = 1.95``. At 1.25: ask, but know when to stop."""

DRIFT: dict[str, Any] = {"changes_mind": 0.25, "says_so": 0.0, "leave_constant": 0.05}
"""All is said at once, but wishes move on without a word: each turn one of w is swapped with chance 0.25.

Break-even: a wish of the opening still stands after t turns with chance ``(1 - 0.25 / w)^t``; it is as likely gone as
not after ``ln 2 / -ln(1 - 0.25 / w)`` turns, 6.6 for the usual w = 2.5 of about 13 turns in all. From then on what
was said at first is worth less than what was answered last. (``drift`` itself, the pull towards what was enjoyed,
stays off: it makes people like what they are shown, which rewards the myopic policy and would hide the rest.)"""

RETENTION: dict[str, Any] = {
    "tells_all": False,
    "interests": 2,
    "patience": 20.0,
    "leave_constant": 0.25,
    "season": 30.0,
    "return_base": 1.0,
    "return_satisfaction": 3.0,
    "away": 6.0,
    "away_satisfaction": 1.5,
}
"""Short visits, several of them: whether people come back within 30 days, and when, depends on how satisfied they
left.

A conversation is all visits of one person, 20 turns at most. A visit ends with chance 0.25 a turn, whatever happened.
They come back with chance ``sigmoid(1 + 3 m)`` after ``6 exp(-1.5 m)`` days on average, m being their satisfaction in
[-1, 1]: 0.83 and 4.4 days at m = 0.2, 0.50 and 9.9 days at m = -0.33.

Break-even: within one visit h = 0.25, N = 4.0, and a question pays if ``v1 / v0 > 1.33``: it does not. With a chance
of 0.6 to come back h is 0.25 * 0.4 = 0.1, N = 8.8, and it pays from 1.13 on: it does, since what was learned serves
later visits and satisfied people have more of them."""

NOISY: dict[str, Any] = {
    "tells_all": False,
    "tells": 0.0,
    "interests": 2,
    "patience": 20.0,
    "leave_constant": 0.05,
    "knows": 0.9,
    "vague": 0.7,
    "ignores": 0.15,
    "changes_mind": 0.05,
    "typos": 1.0,
    "careless": 0.5,
}
"""Nothing satiates and nobody is driven away, but little of what people say and rate can be relied on.

Break-even: a question answered with chance k pays if ``k (v1 / v0 - 1) > 1 / (N - 1)``: with h = 0.05, N is 12.8, so
from k = 0.34 on if every answer is read well, and later than that with typing errors and changes of mind. Those who
know what they want answer with ``k = 0.85 * 0.9 = 0.77``: ask them. The vague do so with 0.26: do not. Seven in ten
are vague, so asking everybody does not pay. Half of the ratings are any star, so an average of n of them tells at
most as much as n / 4 others."""

CONTEXT: dict[str, Any] = {
    "tells_all": False,
    "tells": 0.0,
    "contexts": 0.35,
    "settings": 0.7,
    "patience": 20.0,
    "leave_constant": 0.15,
}
"""Visits are short, and what people want depends on the time of day and the device, which the agent sees but nobody
mentions.

Break-even: with h = 0.15, N is 6.4, so a question pays if ``v1 / v0 > 1.19``: barely. What goes with a setting is
wanted with chance 0.7 before a word is said, and costs no turn: an item that has such a value of weight w is worth
``0.7 * 1.25 w^2`` logits more, on average, than its score says, 0.5 for a mood (w = 0.75). Leaning that way pays
wherever the best candidate that has it is less than that behind the best that has not."""

OWN_WORDS: dict[str, Any] = {
    "notions": 2.5,
    "notion_share": 0.9,
    "notion_opens": 0.6,
    "notion_tells": 0.4,
    "tone": 1.0,
}
"""``full``, and most people want something that no facet holds, and say it in words of their own.

How much that counts and how often it is said cannot be fitted; it is set by what people talk about. In the CCPE
dialogues (Radlinski et al., 2019; the part set aside for development) 1,712 messages of people state a preference, and
766 name a genre or a category: more than half of what they tell about their taste is in no facet. So what they have in
mind counts as much as two wanted values (``goal_weight`` 1.25), nine in ten have something in mind, and six in ten of
these open with it. Set before any learner met these people.

Break-even: an item that has it is accepted with the odds of one that meets two wishes more; it pays to recommend it
for the words alone as soon as the chance that it has it exceeds a half of that of meeting a wish."""
