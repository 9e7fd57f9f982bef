"""The grammar: numbers every sentence the wordings can make, and words each number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chatrec_env.errors import ConfigError
from chatrec_env.language.contract import get_language
from chatrec_env.language.facts import N_OPINIONS, bin_edges, topics
from chatrec_env.language.forms import N_VARIANTS, Argument, Form, Speaker
from chatrec_env.language.word_forms import DEFAULT

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

__all__ = ["FORMS", "N_VARIANTS", "Argument", "Form", "Grammar"]

FORMS: Final = tuple(Form)
MAX_PAIRS: Final = 900
LIKEABLE_POPULARITY: Final = 0.75


class Grammar:
    """Sentence ids of a catalogue: ``id = start(form) + argument * n_variants(form) + variant``.

    Ids are dense: ``0 .. n_sentences - 1``, form after form. The hot loop computes them by arithmetic and
    never touches text; ``text(id)`` is a pure function of the catalogue and the id.

    Arguments count what ``form.argument`` says; see :class:`~.forms.Argument`. Answers are worded so that few
    sentences serve all items: whether it has a value is a sentence of the value and the truth, an opinion one of
    its levels.

    Args:
        phrases: What people say in words of their own that no facet holds; see ``Form.NOTION``.
        language: Which language the sentences are in; one of :data:`~.word_forms.LANGUAGES`.

    Attributes:
        starts: ``(n_forms,)`` int32: id of argument 0, variant 0 of ``FORMS[code]``.
        strides: ``(n_forms,)`` int32: ids per argument.
        styles: ``(n_forms,)`` int32: ``n_styles`` of each form; :mod:`~.forms` tells how variants are numbered.
        ways: ``(n_forms,)`` int32: ``n_ways`` of each form.
        likeable: Rows of the items that ``LIKED_ITEM`` may name, ascending int32: people can only name what
            they have heard of.
    """

    def __init__(self, catalog: Catalog, language: str = DEFAULT, *, phrases: Sequence[str] = ()) -> None:
        self.catalog, self.phrases = catalog, tuple(phrases)
        self._pair_base, self._pair_rank, self._pairs = _pairs(catalog)
        counts = _counts(catalog) | {Argument.PAIR: len(self._pairs), Argument.PHRASE: len(self.phrases)}
        # Per form: id of argument 0, ids per argument, first and last argument.
        self._layout: dict[Form, tuple[int, int, int, int]] = {}
        self._ends: list[int] = []
        end = 0
        for form in FORMS:
            first = 1 if form.argument is Argument.STARS else 0
            n = counts[form.argument]
            self._layout[form] = (end - first * form.n_variants, form.n_variants, first, first + n - 1)
            end += n * form.n_variants
            self._ends.append(end)
        self.n_sentences = end
        self.starts = np.array([self._layout[form][0] for form in FORMS], np.int32)
        self.strides = np.array([self._layout[form][1] for form in FORMS], np.int32)
        self.likeable = np.flatnonzero(catalog.popularity >= LIKEABLE_POPULARITY).astype(np.int32)
        self.styles = np.array([form.n_styles for form in FORMS], np.int32)
        self.ways = np.array([form.n_ways for form in FORMS], np.int32)
        for array in (self.starts, self.strides, self.styles, self.ways, self.likeable):
            array.setflags(write=False)
        self._language = language
        self._realizer = get_language(language).make_realizer(catalog, self.phrases)

    def __repr__(self) -> str:
        return f"Grammar({self.catalog!r}, {self.n_sentences} sentences)"

    def code(self, form: Form) -> int:
        """Index of ``form`` in ``FORMS``, ``starts`` and ``strides``."""
        return _CODES[form]

    def n_args(self, form: Form) -> int:
        """Number of arguments of ``form``; 1 if it takes none."""
        _, _, first, last = self._layout[form]
        return last - first + 1

    def ids(self, form: Form, arg: ArrayLike = 0, variant: ArrayLike = 0) -> NDArray[np.int32]:
        """Ids of sentences of one form, by arithmetic.

        Args:
            form: The form.
            arg: Arguments, integers of any shape that broadcasts with ``variant``.
            variant: Variants, ``0 .. form.n_variants - 1``.

        Returns:
            int32, of the broadcast shape; ``()`` for two numbers.

        Raises:
            ConfigError: An argument or variant is out of range.
        """
        start, stride, first, last = self._layout[form]
        args = np.asarray(arg, np.int32)
        variants = np.asarray(variant, np.int32)
        _check_range(form, "argument", args, first, last)
        _check_range(form, "variant", variants, 0, stride - 1)
        return np.asarray(args * np.int32(stride) + (variants + np.int32(start)))

    def pair_arg(self, first: ArrayLike, second: ArrayLike) -> NDArray[np.int32]:
        """Arguments of ``WANT_PAIR`` for pairs of values in either order.

        Args:
            first: Value indices, any shape that broadcasts with ``second``.
            second: Value indices.

        Returns:
            int32; -1 where the pair has no sentence of its own (say two sentences instead).
        """
        a, b = np.asarray(first), np.asarray(second)
        forward = self._pair_base[a] + self._pair_rank[b]
        backward = self._pair_base[b] + self._pair_rank[a]
        return np.asarray(np.maximum(np.maximum(forward, backward), np.int32(-1)))

    def pair_values(self, arg: int) -> tuple[int, int]:
        """The two values of a ``WANT_PAIR`` argument, the one of the first facet first."""
        a, b = self._pairs[arg]
        return int(a), int(b)

    def describe(self, sentence_id: int) -> tuple[Form, int, int]:
        """Form, argument and variant of an id: the inverse of ``ids``.

        Raises:
            ConfigError: There is no such id.
        """
        sentence_id = int(sentence_id)
        if not 0 <= sentence_id < self.n_sentences:
            raise ConfigError(f"A sentence id must be in 0..{self.n_sentences - 1}, got {sentence_id}.")
        form = FORMS[bisect_right(self._ends, sentence_id)]
        start, stride, _, _ = self._layout[form]
        arg, variant = divmod(sentence_id - start, stride)
        return form, arg, variant

    def speaker(self, sentence_id: int) -> Speaker:
        """Whose sentence it is."""
        return self.describe(sentence_id)[0].speaker

    def text(self, sentence_id: int) -> str:
        """The sentence.

        Raises:
            ConfigError: There is no such id.
        """
        form, arg, variant = self.describe(sentence_id)
        said_of = self.pair_values(arg) if form.argument is Argument.PAIR else (arg,)
        return self._realizer.sentence(form, said_of, variant)

    def find(self, text: str) -> tuple[int, ...]:
        """Ids of the people's sentences with a text, ascending; empty where there are none.

        The first call words all their sentences: seconds for a large catalogue.
        """
        return _by_text(self).get(text, ())

    def tones(self) -> NDArray[np.int8]:
        """How every sentence sounds, ``(n_sentences, 2)``: warm (1) or cool (-1), hedged (-1) or not; 0 otherwise.

        Sentences of the system have no tone, nor those that name an item or are wide.
        """
        tones, tone = np.zeros((self.n_sentences, 2), np.int8), get_language(self._language).tone
        for form, (start, stride, first, last) in self._layout.items():
            if form.speaker == "user" and not form.is_wide and form.argument is not Argument.ITEM:
                for arg in range(first, last + 1):
                    for variant in range(stride):
                        tones[start + arg * stride + variant] = tone(form, arg, variant)
        tones.setflags(write=False)
        return tones

    def reachable_ids(self) -> NDArray[np.int32]:
        """Ids of the sentences that are worth encoding before conversations, ascending.

        All that a conversation can hold, but for the wide forms (facts of every item), which are encoded as they
        come up. Left out are the sentences with which people name an item outside ``likeable``, limits of facets
        without numbers, and ``RELATIVE`` of facets that have no comparative words.
        """
        catalog = self.catalog
        facets = catalog.facets
        obscure = np.setdiff1d(np.arange(catalog.n_items), self.likeable)
        wordless = [
            2 * f + direction for f, facet in enumerate(facets) if not facet.more for direction in (0, 1)
        ]
        edges = [bin_edges(catalog, value) for value in range(catalog.n_values)]
        unsaid = {
            Form.RELATIVE: np.array(wordless, np.int64),
            Form.AT_LEAST: np.flatnonzero([low is None for low, _ in edges]),
            Form.AT_MOST: np.flatnonzero([high is None for _, high in edges]),
        }
        keep = np.ones(self.n_sentences, bool)
        for form in FORMS:
            start, stride, first, last = self._layout[form]
            if form.is_wide:
                keep[start + first * stride : start + (last + 1) * stride] = False
            elif form.argument is Argument.ITEM and form.speaker == "user":
                keep[self.ids(form, obscure[:, None], np.arange(stride))] = False
            elif form in unsaid:
                keep[self.ids(form, unsaid[form][:, None], np.arange(stride))] = False
        return np.flatnonzero(keep).astype(np.int32)


@lru_cache(maxsize=8)
def _by_text(grammar: Grammar) -> dict[str, tuple[int, ...]]:
    out: dict[str, tuple[int, ...]] = {}
    for form, end in zip(FORMS, grammar._ends, strict=True):
        if form.speaker == "user":
            for i in range(end - grammar.n_args(form) * form.n_variants, end):
                text = grammar.text(i)
                out[text] = (*out.get(text, ()), i)
    return out


def _counts(catalog: Catalog) -> dict[Argument, int]:
    """How many arguments of each kind there are, but for pairs."""
    n_topics = len(topics(catalog))
    return {
        Argument.NONE: 1,
        Argument.VALUE: catalog.n_values,
        Argument.FACET: catalog.n_facets,
        Argument.DIRECTION: 2 * catalog.n_facets,
        Argument.ITEM: catalog.n_items,
        Argument.CONTEXT: len(catalog.contexts),
        Argument.STARS: 5,
        Argument.FACT: catalog.n_items * n_topics,
        Argument.TRUTH: 3 * catalog.n_values,
        Argument.CREDIT: 2 * len(catalog.entity_names),
        Argument.OPINION: N_OPINIONS,
        Argument.UNKNOWN: n_topics + len(catalog.declaration.unanswered) + 1,
        Argument.SIGNED: 2 * catalog.n_values,
        Argument.TOPIC: n_topics,
        Argument.ENTITY: len(catalog.entity_names),
        Argument.UNANSWERED: len(catalog.declaration.unanswered),
        Argument.UNLISTED: len(catalog.declaration.unlisted),
        Argument.PLACE: 6,
    }


_CODES: Final = {form: code for code, form in enumerate(FORMS)}


def _check_range(form: Form, what: str, given: NDArray[np.int32], first: int, last: int) -> None:
    # One pass instead of a minimum and a maximum: below the range wraps around to above it.
    n = max(last - first + 1, 0)
    if given.size and (given - np.int32(first)).astype(np.uint32).max() >= n:
        wrong = int(given[(given < first) | (given > last)].flat[0])
        hint = " A pair without its own sentence is -1: say two." if form is Form.WANT_PAIR else ""
        known = f"in {first}..{last}" if last >= first else "absent: the catalogue has none"
        raise ConfigError(f"The {what} of {form.name} must be {known}, got {wrong}.{hint}")


def _pairs(catalog: Catalog) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Per value the base (first facet) and rank (second) that sum to the argument of ``WANT_PAIR``; the pairs.

    The first facet is the first that is not ordered; the second the next one like it and the first ordered one, as
    far as they give at most ``MAX_PAIRS`` pairs.
    """
    named = [f for f, facet in enumerate(catalog.facets) if not facet.ordered]
    numeric = [f for f, facet in enumerate(catalog.facets) if facet.ordered]
    spans = [np.arange(span.start, span.stop, dtype=np.int32) for span in catalog.facet_slices]
    nowhere = np.int32(-(1 << 29))  # with any base or rank, the sum is below 0
    base, rank = np.full(catalog.n_values, nowhere), np.full(catalog.n_values, nowhere)
    if not named:
        return base, rank, np.zeros((0, 2), np.int32)
    first = named[0]
    chosen: list[int] = []
    for facet in (*named[1:2], *numeric[:1]):
        if len(spans[first]) * sum(len(spans[f]) for f in (*chosen, facet)) <= MAX_PAIRS:
            chosen.append(facet)
    second = np.concatenate([spans[f] for f in chosen]) if chosen else np.zeros(0, np.int32)
    base[spans[first]] = np.arange(len(spans[first]), dtype=np.int32) * len(second)
    rank[second] = np.arange(len(second), dtype=np.int32)
    grid = np.stack(np.meshgrid(spans[first], second, indexing="ij"), -1).reshape(-1, 2).astype(np.int32)
    return base, rank, grid
