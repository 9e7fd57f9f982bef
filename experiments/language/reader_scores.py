"""How well the reader's heads do on messages whose mentions are known; and the chances from which they are believed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from chatrec_env.language.learned.evidence import SHARED, vouched
from chatrec_env.language.learned.heads import Thresholds
from chatrec_env.language.learned.mentions import MentionKind
from chatrec_env.language.learned.roles import WISHES, is_brief
from chatrec_env.language.learned.scheme import ACTS, QUESTIONS, ROLES
from experiments.language.reader_network import Network, make_batch
from experiments.language.reader_training import Encoded

ACCEPT_PRECISION: Final = 0.96
"""What the threshold of an acceptance is chosen for, on families that neither fit nor measure."""

_AT_ONCE: Final = 64
_GRID: Final = np.arange(0.35, 0.91, 0.05)
_VOUCHES: Final = (0.0, 0.5, 1.0, 2.0, 3.0)
_UNPLACED: Final = (0.35, 0.4, 0.45, 0.5)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the heads say of n messages."""

    acts: npt.NDArray[np.float64]  # (n, A) chances
    roles: list[
        tuple[int, npt.NDArray[np.float64]]
    ]  # of each known mention the meant role and the chances (R,)
    told: list[bool]  # of each, whether it may be a wish, in a long message of a real dialogue


def judge(network: Network, part: Sequence[Encoded]) -> Judged:
    """Asks the heads about messages."""
    acts, roles, told = [], [], []
    for start in range(0, len(part), _AT_ONCE):
        some = part[start : start + _AT_ONCE]
        batch = make_batch([one.heard for one in some], [one.example.after for one in some])
        for one, of_message, of_tokens in zip(some, *network.say(batch)[:2], strict=True):
            acts.append(1 / (1 + np.exp(-np.clip(of_message.astype(np.float64), -60, 60))))
            for i, slot in enumerate(one.example.slots):
                at = np.flatnonzero(one.slots == i)
                if len(at) and slot.kind != MentionKind.OTHER and slot.role >= 0:
                    logits = of_tokens[at, 1:].mean(0).astype(np.float64)
                    raised = np.exp(logits - logits.max())
                    roles.append((slot.role, raised / raised.sum()))
                    real = one.example.family == "ccpe" and not is_brief(one.example.text)
                    told.append(real and slot.kind in WISHES)
    return Judged(np.array(acts).reshape(-1, len(ACTS)), roles, told)


def choose(judged: Judged, part: Sequence[Encoded]) -> Thresholds:
    """The thresholds: of each act the one of best F1; of an acceptance the lowest that is precise enough."""
    meant = np.array([one.example.acts for one in part])
    real = np.array([one.example.family == "ccpe" for one in part])
    chosen = []
    for a, act in enumerate(ACTS):
        known = (meant[:, a] >= 0) & ~(real & SHARED[a])  # these have a threshold of their own there
        truth, chances = meant[known, a] == 1, judged.acts[known, a]
        if truth.sum() < 5:
            chosen.append(0.5)
            continue
        figures = [_precision_recall(chances >= least, truth) for least in _GRID]
        if act == "ACCEPT":
            fit = [i for i, (precision, _) in enumerate(figures) if precision >= ACCEPT_PRECISION]
            best = fit[0] if fit else len(_GRID) - 1
        else:
            f1 = np.array([2 * p * r / max(p + r, 1e-9) for p, r in figures])
            near = np.flatnonzero(f1 >= f1.max() - 0.01)  # of those as good the one nearest to even chances
            best = int(near[np.abs(_GRID[near] - 0.5).argmin()])
        chosen.append(round(float(_GRID[best]), 2))
    rules, unplaced = _choose_rules(judged, part)
    return Thresholds(acts=tuple(chosen), rules=rules, unplaced=unplaced, wished=_choose_wished(judged))


def _choose_rules(judged: Judged, part: Sequence[Encoded]) -> tuple[float, float]:
    """How much the rules vouch where what came before is not known, and the threshold: of best F1 over all acts.

    Chosen on real dialogues, of which it is not known; without any the rules do not vouch.
    """
    real = np.array([one.example.family == "ccpe" for one in part])
    if not real.any():
        return 0.0, 0.5
    meant = np.array([one.example.acts for one in part])[real]
    said = np.array([vouched(one.heard.told) for one in part])[real]
    chances = np.clip(judged.acts[real], 1e-9, 1 - 1e-9)
    logits = np.log(chances / (1 - chances))
    known = (meant >= 0) & SHARED

    def f1(way: tuple[float, float]) -> float:
        believed = 1 / (1 + np.exp(-(logits + way[0] * said))) >= way[1]
        p, r = _precision_recall(believed[known], meant[known] == 1)
        return 2 * p * r / max(p + r, 1e-9)

    return max(itertools.product(_VOUCHES, _UNPLACED), key=f1)


def _choose_wished(judged: Judged) -> float:
    """From which chance on a value is wished for where people tell of their taste: of best F1, in real dialogues."""
    meant = np.array([role for (role, _), told in zip(judged.roles, judged.told, strict=True) if told])
    if not len(meant):
        return 0.5
    chances = np.array([c for (_, c), told in zip(judged.roles, judged.told, strict=True) if told])
    wishes = [ROLES.index("want"), ROLES.index("avoid")]
    best, wanted = chances.argmax(1), np.isin(meant, wishes)

    def f1(least: float) -> float:
        said = np.isin(best, wishes) & (chances.max(1) >= least)
        right = float((said & (best == meant)).sum())
        return 2 * right / max(float(said.sum() + wanted.sum()), 1.0)

    return round(float(max(_GRID[_GRID >= 0.49], key=f1)), 2)


def _precision_recall(said: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    both = float((said & truth).sum())
    return both / max(float(said.sum()), 1.0), both / max(float(truth.sum()), 1.0)


def figures(judged: Judged, part: Sequence[Encoded], thresholds: Thresholds) -> dict[str, Any]:
    """Precision and recall by act and role, and the figures of the issue, on known mentions."""
    meant = np.array([one.example.acts for one in part]) == 1
    said = judged.acts >= np.array(thresholds.acts)
    acts = {}
    for a, act in enumerate(ACTS):
        precision, recall = _precision_recall(said[:, a], meant[:, a])
        acts[act] = {"meant": int(meant[:, a].sum()), "precision": precision, "recall": recall}
    asks = [ACTS.index(act) for act in QUESTIONS]
    question = float((meant[:, asks].any(1) == said[:, asks].any(1)).mean())
    read = [(ROLES[role], ROLES[int(chances.argmax())]) for role, chances in judged.roles]
    wishes = [(role, got) for role, got in read if role in ("want", "avoid")]
    told = [(role, got) for role, got in wishes if got in ("want", "avoid")]
    roles = {}
    for role in ROLES:
        mine = [got for meant_role, got in read if meant_role == role]
        wrong = Counter(got for got in mine if got != role).most_common(3)
        roles[role] = {"meant": len(mine), "recall": mine.count(role) / max(len(mine), 1), "wrong": wrong}
    return {
        "messages": len(part),
        "question": question,
        "role": float(np.mean([role == got for role, got in read])) if read else 0.0,
        "polarity": float(np.mean([role == got for role, got in told])) if told else 0.0,
        "wish": float(np.mean([role == got for role, got in wishes])) if wishes else 0.0,
        "acts": acts,
        "roles": roles,
    }
