"""Dense retrieval: items by what their texts mean, matched with what people say beyond the slots.

All vectors are rounded to multiples of 1/2048. As they are no longer than 1 (but for rounding), sums of products of
two of them are exact in float32 whatever their order, so that one sentence and a thousand give the same bits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.factors import to_grid
from chatrec_env.core.progress import with_progress
from chatrec_env.errors import ConfigError
from chatrec_env.language.encoders.base import Encoder, Vectors
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.sentence_rows import Hits
from chatrec_env.retrieval.themes import Themes, no_themes

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language.grammar import Grammar

MOST_HITS = 256
"""T, most items that a sentence is like."""

N_TEXT_FACTORS = 8
"""Dimensions of the projection of item texts."""

VALUES_SHARE = np.float32(0.5)
"""How much the names of an item's values count beside its title and sentence."""

FLOOR, UNIT = 0.9, 0.99
"""Quantiles of the similarity between plain sentences and items: where likeness begins, and where it is 1."""

PLAIN_SHARE = 0.8
"""Share of the plain sentences that are told as such by the nearest other one."""

ROUNDED, ALIKE_GRID, TEXT_GRID = 2048, 64, 64

PLAIN = (
    *(Form.WANT, Form.ANSWER, Form.AVOID, Form.TOO, Form.CHANGE_MIND, Form.ENOUGH_OF, Form.LIKE_BUT),
    *(Form.DONT_KNOW, Form.NO_PREFERENCE, Form.RELATIVE, Form.CONTEXT, Form.YES, Form.NO, Form.GREET),
    *(Form.ACCEPT_WARM, Form.ACCEPT_PLAIN, Form.ACCEPT_COOL, Form.REJECT_MILD, Form.REJECT_FIRM),
    *(Form.REJECT_ANNOYED, Form.SEEN_IT, Form.MORE_LIKE_THAT, Form.IMPATIENT, Form.SMALL_TALK, Form.RATE),
    *(Form.THANK_LEAVE, Form.LEAVE_UNHAPPY, Form.MOOD_BORED, Form.MOOD_PLEASED),
)
"""Forms of sentences that say nothing beyond the slots."""

NOTHING = Hits(np.zeros(0, np.int32), np.zeros(0, np.float32))
"""Of a sentence that is like nothing."""

_EACH = 12  # wordings of a form without values that are taken


def plain_sentences(grammar: Grammar, wording: int = 0) -> list[str]:
    """Sentences of people that say nothing beyond the slots: of each value one a form, of other forms some.

    Another ``wording`` gives others of the same forms and values.
    """
    texts: dict[str, None] = {}
    for form in PLAIN:
        n, ways = grammar.n_args(form), form.n_variants
        if n == 0:  # of contexts, where a catalogue declares none
            continue
        first = 1 if form.argument is Argument.STARS else 0
        for place in range(n if form.argument is Argument.VALUE else max(n, _EACH)):
            said = grammar.ids(form, first + place % n, (7 * place + wording) % ways)
            texts[grammar.text(int(said))] = None
    return list(texts)


def further_plain_sentences(grammar: Grammar) -> list[str]:
    """More of them: every wording of a form without values, and of wishes, which are said most, three more."""
    texts: dict[str, None] = {}
    for form in PLAIN:
        n, ways = grammar.n_args(form), form.n_variants
        said: list[tuple[int, int]] = []
        if form.argument is Argument.NONE:
            said = [(0, way) for way in range(ways)]
        elif form in (Form.WANT, Form.ANSWER):
            said = [(place, (7 * place + way) % ways) for place in range(n) for way in (1, 2, 3)]
        for argument, way in said:
            texts[grammar.text(int(grammar.ids(form, argument, way)))] = None
    return list(texts)


def item_texts(catalog: Catalog) -> tuple[list[str], list[str]]:
    """What of each item is encoded as a whole: all that is told of it with its title; and the names of its values."""
    parts = zip(catalog.titles, catalog.sentences, catalog.descriptions, strict=True)
    told = [f"{title}. {what} {more}".strip() for title, what, more in parts]
    names = catalog.value_names
    return told, [", ".join(names[v] for v in np.flatnonzero(carried)) for carried in catalog.values]


def item_sentences(catalog: Catalog) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The sentences that are told of the items, one after the other, and where those of each item begin."""
    texts: list[str] = []
    starts = []
    for what, more in zip(catalog.sentences, catalog.descriptions, strict=True):
        starts.append(len(texts))
        texts += [what, *(part for part in re.split(r"(?<=[.;!?])\s+", more) if part)]
    return texts, np.array(starts, np.intp)


class DenseIndex:
    """The items of a catalogue, to be matched with sentences by meaning.

    The vector of an item is that of all that is told of it plus half of that of its values' names. An item and a
    sentence are as similar as the cosine of their vectors, less the mean of all items and the mean of the plain
    sentences, plus the largest cosine with a sentence of what is told (late interaction: Khattab and Zaharia, 2020).
    Likeness is 0 up to the quantile ``FLOOR`` of the similarity of plain sentences to items, 1 at ``UNIT``, and linear
    in between and beyond. A sentence that is nearer to some plain sentence than most of these are to each other says
    nothing beyond the slots: it is like no item.

    Args:
        catalog: The items.
        grammar: Words the plain sentences.
        encoder: Of items and sentences.
        progress: Show a bar if encoding takes more than about two seconds.
        themes: Sentences are matched with these in place of items' texts.

    Attributes:
        items: (I, D) float32 vectors of the items.
        texts: (I, 8) float32 their leading principal components, each of unit variance, in multiples of 1/64.
        most_hits: T, most items that a sentence is like.

    Raises:
        ConfigError: The encoder encodes whole conversations, not sentences.
    """

    def __init__(
        self,
        catalog: Catalog,
        grammar: Grammar,
        encoder: Encoder,
        progress: bool = False,
        themes: Themes | None = None,
    ) -> None:
        if encoder.dim == 0:
            raise ConfigError(
                f"Dense retrieval needs an encoder of sentences, got {encoder.name!r}, which reads whole "
                "conversations. Set semantic=0, or choose an encoder such as 'minilm'."
            )
        self._themes = themes
        self.themes = themes.arrays if themes else no_themes(catalog.n_items)
        self.most_hits = len(themes.share) if themes else min(MOST_HITS, catalog.n_items)
        told, valued = item_texts(catalog)
        label = "Encoding items" if progress else ""
        items = _encode(encoder, told, label) + VALUES_SHARE * _encode(encoder, valued, label)
        plain = _encode(encoder, plain_sentences(grammar), label)
        parts, self._starts = item_sentences(catalog)
        told_of = _encode(encoder, parts, label)
        self.items, self._parts = _unit(items - items.mean(0)), _unit(told_of - told_of.mean(0))
        self._centre, known = plain.mean(0), _round(plain)
        further = _encode(encoder, further_plain_sentences(grammar), label)
        self._plain = np.concatenate([known, _round(further)])
        others = known @ known.T
        np.fill_diagonal(others, -1)
        self._nearest = np.float32(np.quantile(others.max(1), 1 - PLAIN_SHARE))
        usual = self.similarity(plain)
        floor, unit = np.quantile(usual, (FLOOR, UNIT))
        self._floor, self._scale = np.float32(floor), np.float32(1 / max(unit - floor, 1e-6))
        self.texts = _components(self.items)

    def similarity(self, vectors: Vectors) -> Vectors:
        """Centred cosines of sentences ``(n, D)`` with the items and the best of what is told of each, (n, I)."""
        moved = _round(vectors - self._centre)
        length = np.sqrt(np.einsum("nd,nd->n", moved, moved, dtype=np.float32))
        best = np.maximum.reduceat(moved @ self._parts.T, self._starts, axis=1)
        return (moved @ self.items.T + best) / np.maximum(length, np.float32(1e-3))[:, None]

    def likeness(self, vectors: Vectors) -> Vectors:
        """How like each item n sentences ``(n, D)`` are: (n, I) float32, at least 0, multiples of 1/64."""
        likeness = np.maximum(self.similarity(vectors) - self._floor, 0) * self._scale
        likeness[self.plain(vectors)] = 0
        return np.rint(likeness * ALIKE_GRID) / np.float32(ALIKE_GRID)

    def plain(self, vectors: Vectors) -> npt.NDArray[np.bool_]:
        """Which of n sentences ``(n, D)`` say nothing beyond the slots."""
        near: npt.NDArray[np.bool_] = (_round(vectors) @ self._plain.T).max(1) > self._nearest
        return near

    def match(self, vectors: Vectors) -> list[Hits]:
        """The items, or the themes, that each of n sentences ``(n, D)`` is like, at most ``most_hits`` each."""
        if self._themes:
            found = self._themes.evidence(vectors)
            return [NOTHING if no else hits for hits, no in zip(found, self.plain(vectors), strict=True)]
        found = []
        for likeness in self.likeness(vectors):
            items = np.flatnonzero(likeness)
            if len(items) > self.most_hits:
                best = np.argsort(-likeness[items], kind="stable")[: self.most_hits]
                items = np.sort(items[best])
            found.append(Hits(items.astype(np.int32), likeness[items]))
        return found


def _encode(encoder: Encoder, texts: list[str], label: str) -> Vectors:
    """Vectors of texts, (n, D); with a bar of that name."""
    if not label:
        return encoder.encode(texts)
    vectors = np.empty((len(texts), encoder.dim), np.float32)
    for part in with_progress(label)(list(range(len(texts))), 256):
        vectors[part] = encoder.encode([texts[i] for i in part])
    return vectors


def _round(vectors: Vectors) -> Vectors:
    return np.rint(vectors * np.float32(ROUNDED)) / np.float32(ROUNDED)


def _unit(vectors: Vectors) -> Vectors:
    """Vectors of length 1, rounded."""
    length = np.sqrt((vectors.astype(np.float64) ** 2).sum(1, keepdims=True))
    return _round((vectors / np.maximum(length, 1e-9)).astype(np.float32))


def _components(vectors: Vectors) -> npt.NDArray[np.float32]:
    """Leading principal components of vectors ``(I, D)``, (I, 8); the largest entry of each is positive."""
    exact = vectors.astype(np.float64)
    total = exact.sum(0)
    values, axes = np.linalg.eigh(exact.T @ exact - np.outer(total, total) / len(exact))
    leading = axes[:, ::-1][:, :N_TEXT_FACTORS] * (values[::-1][:N_TEXT_FACTORS] > 1e-9)
    out = np.zeros((len(vectors), N_TEXT_FACTORS))
    out[:, : leading.shape[1]] = exact @ leading - (total / len(exact)) @ leading
    peak = out[np.abs(out).argmax(0), np.arange(N_TEXT_FACTORS)]
    spread = np.sqrt((out**2).mean(0))
    return to_grid(out * np.where(peak < 0, -1.0, 1.0) / np.maximum(spread, 1e-9), TEXT_GRID)
