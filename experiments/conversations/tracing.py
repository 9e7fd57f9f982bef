"""One conversation with everything that explains it: what was believed, what was weighed, what came of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Decision, decision
from agents.export import check_single
from chatrec_env.core.kernel import Task, step_batch
from chatrec_env.core.observations import TABULAR_SIZES
from chatrec_env.core.user_simulator import SystemTurn
from chatrec_env.envs.rendering import conversation
from chatrec_env.language.acts import SystemAct
from experiments.cli.options import id_of
from experiments.conversations.transcripts import Conversation, Moment, Option, Shown
from experiments.evaluate.evaluate import Contender, task_of
from experiments.evaluate.rollout import meet, policy_draws

TOP_WISHES, TOP_CANDIDATES, TOP_OPTIONS = 8, 5, 5
"""How many wishes, candidates and options a turn tells of."""

KNOWN = 0.6
"""A facet's entropy below which its wish counts as known, in words."""


def _setting(task: Task, seen: npt.NDArray[np.int8]) -> list[str]:
    """Names of the time of day and the device, where they were seen."""
    kinds = (task.manager.catalog.times, task.manager.catalog.devices)
    return [entries[i].name for entries, i in zip(kinds, seen.tolist(), strict=True) if i >= 0]


def trace(contender: Contender, seed: int) -> Conversation:
    """Hold one conversation and note everything; the turns are those of ``rollout.run`` with this person."""
    check_single(contender.env)
    task, policy = task_of(contender), contender.policy
    state = meet(task, [seed])
    hidden = task.users.reveal(state.people)
    opening, setting = conversation(task, state, 0), _setting(task, state.dialogue.situational_context[0])
    moments: list[Moment] = []
    draws = policy_draws([seed], task.manager.max_turns)[0]
    total, turn = 0.0, None
    for t in range(task.manager.max_turns):
        seen = decision(task, state)
        action = int(policy.act(seen, draws[t : t + 1])[0])
        before = _before(task, seen, policy, action)
        turn = step_batch(task, state, np.array([action], np.int64))
        total += float(turn.reward[0])
        said = conversation(task, state, 0)
        # The latest turn's words: the system's, and the person's if they said anything.
        system = [text for who, text in said if who == "system"][-1]
        person = said[-1][1] if said[-1][0] == "person" else ""
        moments.append(
            Moment(
                turn=t + 1,
                **before,
                action=_in_words(task, turn.system),
                system=system,
                person=person,
                clicked=bool(turn.user.click[0] >= 0),
                stars=int(turn.user.stars[0]),
                left=bool(turn.user.leave[0]),
                rewards={name: float(v[0]) for name, v in turn.terms.items() if v[0] != 0},
                total=total,
                satisfaction=float(task.users.reveal(state.people)["satisfaction"][0]),
            )
        )
        if turn.terminated[0] or turn.truncated[0]:
            break
    last = moments[-1]
    ending = "the person left" if last.left else "the turns ran out"
    if not last.left and turn is not None and turn.terminated[0]:
        ending = "the system closed the conversation"
    if last.left:
        ending += ", unhappy" if last.satisfaction < 0 else ", not unhappy"
    return Conversation(
        policy=contender.name,
        env=id_of(contender.env),
        person=seed,
        wanted=_named(task, hidden.get("wanted")),
        unwanted=_named(task, hidden.get("unwanted")),
        opening=opening[0][1] if opening else "",
        moments=moments,
        ending=ending,
        setting=setting,
    )


def _named(task: Task, wanted: Any) -> list[str]:
    """Names of the values marked in ``(1, V)``."""
    return [] if wanted is None else [value_label(task, int(v)) for v in np.flatnonzero(wanted[0])]


def value_label(task: Task, value: int) -> str:
    """``"genre: thriller"``."""
    catalog = task.manager.catalog
    return f"{catalog.facets[int(catalog.value_facet[value])].name}: {catalog.value_names[value]}"


def _before(task: Task, seen: Decision, policy: Any, action: int) -> dict[str, Any]:
    """What was believed and weighed when ``action`` was chosen."""
    manager, d = task.manager, seen.dialogue
    catalog = manager.catalog
    wishes = d.wishes[0]
    strongest = np.argsort(-np.abs(wishes), kind="stable")[:TOP_WISHES]
    entropy = manager.beliefs.entropies(d)[0]
    open_first = np.argsort(-entropy, kind="stable")
    decoded = task.actions.decode(manager, d, np.array([action], np.int64))
    item = int(decoded.slate[0, 0])
    candidates = [
        Shown(
            place=k + 1,
            title=catalog.titles[i],
            year=int(catalog.years[i]),
            score=float(d.scores[0, k]),
            wanted=float(seen.view.wanted[0, k]),
            unwanted=float(seen.view.unwanted[0, k]),
            overlap=float(seen.view.overlap[0, k]),
            chosen=i == item,
        )
        for k, i in enumerate(d.candidates[0].tolist())
        if seen.view.present[0, k] and (k < TOP_CANDIDATES or i == item)
    ]
    basis, weights = weigh(seen, policy)
    best = np.argsort(-weights, kind="stable")[: 0 if basis == "rule" else TOP_OPTIONS].tolist()
    if best and action not in best:  # one of several equals
        best[-1] = action
    options = [
        Option(option_label(task, seen, a), float(weights[a]), a == action)
        for a in best
        if np.isfinite(weights[a]) and weights[a] > (0.0005 if basis == "probability" else -np.inf)
    ]
    return {
        "wishes": [(value_label(task, int(v)), float(wishes[v])) for v in strongest if wishes[v] != 0],
        "entropies": [(catalog.facets[f].name, round(float(entropy[f]), 3)) for f in open_first],
        "candidates": candidates,
        "basis": basis,
        "options": options,
        "why": _why(seen, policy, basis, weights, action),
    }


def weigh(seen: Decision, policy: Any) -> tuple[str, Any]:
    """How a policy weighs its actions: ``("probability" | "value" | "rule", (n_actions,))``.

    Illegal and untried actions weigh ``-inf``.
    """
    if hasattr(policy, "probabilities"):
        return "probability", policy.probabilities(seen)[0]
    if hasattr(policy, "worth"):
        return "value", policy.worth(seen)[0]
    return "rule", np.zeros(seen.mask.shape[1])


def _why(seen: Decision, policy: Any, basis: str, weights: Any, action: int) -> str:
    if basis == "probability":
        others = np.delete(weights, action)
        return f"probability {weights[action]:.0%}, next best {others.max(initial=0):.0%}"
    if basis == "value":
        known = f"in this state ({tabular_state(seen)})"
        if not np.isfinite(weights[action]):
            return f"never tried {known}: the best candidate"
        return f"expected return from here {weights[action]:.2f}, the highest {known}"
    rule = (type(policy).__doc__ or "a fixed rule").strip().partition("\n")[0].rstrip(".")
    return f"rule: {rule[0].lower()}{rule[1:]}"


def tabular_state(seen: Decision) -> str:
    """The tabular observation in words."""
    cell = int(seen.task.layout.tabular(seen.dialogue, seen.view)[0])
    digits = []
    for size in reversed(TABULAR_SIZES):
        cell, digit = divmod(cell, size)
        digits.append(digit)
    known, last, waited, overlap, score = reversed(digits)
    few = ("0", "1", "2", "3 or more")
    return ", ".join(
        (
            f"{few[known]} facets known",
            ("asked or nothing yet", "suggestion ignored", "suggestion accepted")[last],
            f"{few[waited]} turns since a click",
            ("fresh", "some overlap", "much overlap")[overlap],
            ("weak", "fair", "strong")[score] + " best candidate",
        )
    )


def option_label(task: Task, seen: Decision, action: int) -> str:
    """An action in words: ``"ask: era"``, ``"suggest: Heat (1995)"``, or a strategy's name."""
    kind, _, what = task.actions.names[action].partition(":")
    if kind == "recommend":
        return f"suggest: {title_of(task, int(seen.dialogue.candidates[0, int(what)]))}"
    return f"{kind}: {what}" if what else kind


def title_of(task: Task, item: int) -> str:
    """``"Heat (1995)"``."""
    catalog = task.manager.catalog
    year = int(catalog.years[item])
    return f"{catalog.titles[item]} ({year})" if year else catalog.titles[item]


def _in_words(task: Task, system: SystemTurn) -> str:
    """What a system turn does."""
    catalog, act = task.manager.catalog, int(system.act[0])
    if act == SystemAct.ASK:
        return f"asks about {catalog.facets[int(system.facet[0])].name}"
    if act == SystemAct.CONFIRM:
        return f"asks to confirm {value_label(task, int(system.value[0]))}"
    if act == SystemAct.RECOMMEND:
        return f"suggests {title_of(task, int(system.slate[0, 0]))}"
    return "closes the conversation"
