"""Fits the reader's network to examples: encodes them in variants, then trains on one variant of each at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from chatrec_env.language.encoders import StateEncoder
from chatrec_env.language.encoders.base import STATE_LAYER
from chatrec_env.language.learned.evidence import Evidence
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.heard import Heard, Shape
from chatrec_env.language.learned.mentions import MentionKind, mark_tokens
from chatrec_env.language.learned.scheme import AFTER, ROLES
from chatrec_env.language.parser import Parser
from experiments.language.reader_examples import UNKNOWN, Example, Pools, vary
from experiments.language.reader_network import Batch, Network, make_batch

_CHUNK: Final = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """How the network is fitted."""

    shape: Shape = field(default_factory=Shape)
    variants: int = 2  # of each message, beside itself
    laps: tuple[tuple[int, float], ...] = ((4, 0.2), (3, 0.3), (3, 0.3))
    # Of each lap: epochs, and chance that what the rules read is hidden. Rates rise and fall once a lap.
    averaged: int = 2  # last laps of whose ends the weights' mean is taken (Izmailov et al. 2018)
    batch: int = 32
    rate: float = 1e-3  # of what starts from nothing
    upper_rate: float = 2e-4  # of the layers that start from the encoder's
    decay: float = 0.05
    dropout: float = 0.1
    smoothing: float = 0.05
    forget: float = 0.25  # chance that what came before is hidden
    word_weight: float = 0.3  # of the loss on tokens outside known mentions


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message as the network takes it, with its labels."""

    heard: Heard
    slots: npt.NDArray[np.int64]  # (T,) number of the slot a token is in, -1 for none
    example: Example


def encode(examples: Sequence[Example], encoder: StateEncoder, rules: Rules) -> list[Encoded]:
    """The examples with their token states, and what the rules read of them."""
    out = []
    for start in range(0, len(examples), _CHUNK):
        part = examples[start : start + _CHUNK]
        _, found = encoder.encode_with_states([one.text for one in part])
        for one, tokens in zip(part, found, strict=True):
            places = mark_tokens(tokens.spans, [(slot.start, slot.end) for slot in one.slots])
            heard, signs = rules.hear(one)
            kinds, begins, by_token = (np.zeros(len(places), np.int64) for _ in range(3))
            for i, slot in enumerate(one.slots):
                at = np.flatnonzero(places == i)
                if slot.kind != MentionKind.OTHER and len(at):
                    kinds[at], by_token[at] = 1 + slot.kind, signs[i]
                    begins[at[0]] = 1
            states = tokens.states.astype(np.float16)
            out.append(Encoded(Heard(states, kinds, begins, by_token, heard), places, one))
    return out


class Rules:
    """What the rules read of examples."""

    def __init__(self, finder_of: Callable[[str], MentionFinder]) -> None:
        self._finder_of = finder_of
        self._parsers: dict[str, Parser] = {}

    def hear(self, example: Example) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """The acts read ``(U,)``, and what was read of each slot ``(S,)``."""
        finder, name = self._finder_of(example.catalog), example.catalog
        if name not in self._parsers:
            self._parsers[name] = Parser(finder.catalog)
        found = finder.find(example.text)
        evidence = Evidence.of(self._parsers[name].parse(example.text), found)
        signs = np.zeros(len(example.slots), np.int64)
        for i, slot in enumerate(example.slots):
            over = [k for k, one in enumerate(found) if one.start < slot.end and slot.start < one.end]
            signs[i] = evidence.signs[over[0]] if over else 0
        return evidence.acts, signs


def encode_variants(
    examples: Sequence[Example],
    pools: Pools,
    encoders: Sequence[StateEncoder],
    rules: Rules,
    fit: Fit,
    seed: int,
    told: Callable[[str], None] = print,
) -> list[list[Encoded]]:
    """Each example as it is and in variants, ``(1 + variants, n)``; the encoders take turns."""
    out = [encode(examples, encoders[0], rules)]
    for variant in range(fit.variants):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(variant,)))
        varied = [vary(one, pools, rng) for one in examples]
        out.append(encode(varied, encoders[(variant + 1) % len(encoders)], rules))
        told(f"variant {variant + 1} of {fit.variants} encoded")
    return out


def losses(
    net: Network, part: Sequence[Encoded], after: Sequence[int], fit: Fit, unaided: float = 0.0
) -> torch.Tensor:
    """The loss of a batch: acts, and what is meant by each mention."""
    batch = make_batch([x.heard for x in part], after)
    if unaided:
        aided = torch.rand(len(part), 1) >= unaided
        batch.told, batch.signs = batch.told * aided, batch.signs * aided
    out = net(batch)
    acts = torch.tensor([x.example.acts for x in part], dtype=torch.float32)
    known = acts >= 0
    target = acts.clamp(0, 1) * (1 - fit.smoothing) + fit.smoothing / 10
    loss = functional.binary_cross_entropy_with_logits(out["acts"], target, reduction="none")
    total = (loss * known).sum() / len(part)
    return total + _slot_losses(out, part, fit) + _word_loss(out, part, batch, fit)


def slot_means(values: torch.Tensor, part: Sequence[Encoded]) -> torch.Tensor:
    """Token values (B, T, C) averaged over the tokens of each slot that has some, in order: (S, C)."""
    places, owners, count = [], [], 0
    for b, x in enumerate(part):
        for i in range(len(x.example.slots)):
            at = np.flatnonzero(x.slots == i)
            if len(at):
                places.append(b * values.shape[1] + at)
                owners.append(np.full(len(at), count))
                count += 1
    out = values.new_zeros((count, values.shape[2]))
    if not count:
        return out
    owner = torch.from_numpy(np.concatenate(owners))
    taken = values.flatten(0, 1)[torch.from_numpy(np.concatenate(places))]
    return out.index_add(0, owner, taken) / torch.bincount(owner)[:, None]


def _slot_losses(out: dict[str, torch.Tensor], part: Sequence[Encoded], fit: Fit) -> torch.Tensor:
    slots = [slot for x in part for i, slot in enumerate(x.example.slots) if (x.slots == i).any()]
    if not slots:
        return out["acts"].sum() * 0
    roles = torch.tensor([slot.role for slot in slots])
    strengths = torch.tensor([slot.strength for slot in slots])
    other = torch.tensor([slot.other for slot in slots])
    heads = torch.cat([out["roles"][..., 1:], out["strengths"], out["other"][..., None]], 2)
    means, n_roles = slot_means(heads, part), len(ROLES)
    logits, strong, theirs = means[:, :n_roles], means[:, n_roles:-1], means[:, -1]
    total = functional.cross_entropy(
        logits, roles, ignore_index=UNKNOWN, reduction="sum", label_smoothing=fit.smoothing
    )
    total = total + 0.3 * functional.cross_entropy(strong, strengths, ignore_index=UNKNOWN, reduction="sum")
    said = functional.binary_cross_entropy_with_logits(theirs, other.clamp(0, 1).float(), reduction="none")
    return (total + 0.3 * (said * (other != UNKNOWN)).sum()) / len(part)


def _word_loss(out: dict[str, torch.Tensor], part: Sequence[Encoded], batch: Batch, fit: Fit) -> torch.Tensor:
    """Of tokens that no lexicon marks: whether they are a mention, and what is meant by it.

    The mean over the messages whose words are labelled: others in the batch take nothing from it.
    """
    target = np.full(batch.kinds.shape, UNKNOWN, np.int64)
    labelled = [b for b, x in enumerate(part) if x.example.family not in ("ccpe", "own")]
    for b in labelled:
        x = part[b]
        roles = np.array(
            [0, *(UNKNOWN if slot.role == UNKNOWN else 1 + slot.role for slot in x.example.slots)]
        )
        target[b, : len(x.slots)] = np.where(x.heard.kinds == 0, roles[x.slots + 1], UNKNOWN)
    loss = functional.cross_entropy(
        out["roles"].flatten(0, 1), torch.from_numpy(target).flatten(), ignore_index=UNKNOWN, reduction="sum"
    )
    return fit.word_weight * loss / max(len(labelled), 1)


def train(
    variants: Sequence[Sequence[Encoded]],
    fit: Fit,
    seed: int,
    bert: Mapping[str, Any] | None,
    told: Any = print,
) -> Network:
    """A fitted network. Each epoch takes one variant of every message, of some several.

    Args:
        variants: The messages, as they are and varied.
        fit: How to fit.
        seed: Of all draws.
        bert: Weights of the encoder whose last layers the network starts from; None for random ones.
        told: Takes lines of progress.
    """
    torch.set_num_threads(1)  # small products: more threads wait for each other
    torch.manual_seed(seed)
    net = Network(fit.shape, fit.dropout)
    if bert is not None:
        start_from(net, bert, STATE_LAYER)
    rates, ends = (fit.upper_rate if bert is not None else fit.rate, fit.rate), []
    for lap, (epochs, unaided) in enumerate(fit.laps):
        _run_lap(net, variants, fit, rates, epochs, unaided, seed + lap, told)
        ends.append({name: weights.clone() for name, weights in net.state_dict().items()})
    last = ends[-fit.averaged :]
    net.load_state_dict({name: sum(end[name] for end in last) / len(last) for name in last[0]})
    return net.eval()


def start_from(net: Network, bert: Mapping[str, npt.NDArray[Any]], first: int) -> None:
    """Gives a network the layers of a published BERT, from its layer ``first`` (counted from 0) on."""
    taken = {
        "mixed": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "wide": "intermediate.dense",
        "back": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for i, layer in enumerate(net.layers):
        at = f"encoder.layer.{first + i}."
        joined = [f"{at}attention.self.{name}." for name in ("query", "key", "value")]
        new = dict[str, npt.NDArray[Any]]()
        for part in ("weight", "bias"):
            new |= {f"{name}.{part}": bert[f"{at}{old}.{part}"] for name, old in taken.items()}
            new[f"joined.{part}"] = np.concatenate([bert[one + part] for one in joined])
        layer.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in new.items()})


def _run_lap(
    net: Network,
    variants: Sequence[Sequence[Encoded]],
    fit: Fit,
    rates: tuple[float, float],
    epochs: int,
    unaided: float,
    seed: int,
    told: Any,
) -> None:
    """Some epochs in which the rates of the layers and of the rest rise and fall once (Smith 2018)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    times = np.repeat(np.arange(len(variants[0])), [x.example.times for x in variants[0]])
    upper = list(net.layers.parameters())
    fresh = [one for name, one in net.named_parameters() if not name.startswith("layers.")]
    optimiser = torch.optim.AdamW(
        [{"params": part, "lr": rate} for part, rate in zip((upper, fresh), rates, strict=True)],
        weight_decay=fit.decay,
    )
    steps = epochs * -(-len(times) // fit.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, list(rates), total_steps=steps, pct_start=0.1)
    net.train()
    for epoch in range(epochs):
        total = 0.0
        order = rng.permutation(times)
        order = np.array(sorted(order, key=lambda i: (rng.integers(8), len(variants[0][i].slots))))
        parts = [order[i : i + fit.batch] for i in range(0, len(order), fit.batch)]
        for at in rng.permutation(len(parts)):
            part = [variants[int(rng.integers(len(variants)))][i] for i in parts[at]]
            loss = losses(net, part, [_after(x.example, fit, rng) for x in part], fit, unaided)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach()) * len(part)
        if told:
            told(f"epoch {epoch + 1} of {epochs}: loss {total / len(order):.3f}")


def _after(example: Example, fit: Fit, rng: np.random.Generator) -> int:
    """What came before: as labelled, anything where anything will do, now and then not known."""
    if example.family == "ccpe" or rng.random() < fit.forget:
        return 0
    return example.after or int(rng.integers(len(AFTER)))
