"""The hashing encoder: words and their pieces hashed into a small vector. No model, no downloads."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError
from chatrec_env.language.encoders.base import Vectors

_TOKENS = re.compile(r"\w+|[?!]")
_SCHEME = "hashing-1"
MAX_WORDS = 20_000  # remembered words; a word is cheap to hash again


class HashingEncoder:
    """Signed feature hashing of words, word pairs and character pieces.

    A word weighs 2, each of its 3- and 4-character pieces (with its ends marked) 1, a pair of
    neighbouring words 1. Features are counted in integers and divided once by their length, so the
    vector has the same bits on every machine. Related words share pieces ("thriller", "thrillers"),
    which is all the meaning this encoder knows: it stands in for the language model in fast tests.

    Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009.

    Args:
        dim: Length of a vector, a multiple of 8 in [8, 4096].

    Raises:
        ConfigError: ``dim`` is out of range.
    """

    def __init__(self, dim: int = 64) -> None:
        if isinstance(dim, bool) or not isinstance(dim, int) or not 8 <= dim <= 4096 or dim % 8:
            raise ConfigError(
                f"The hashing encoder's dim must be a multiple of 8 in [8, 4096], got {dim!r}; "
                'the name "hash-128" asks for 128.'
            )
        self.dim = dim
        self.name = "hash" if dim == 64 else f"hash-{dim}"
        self.fingerprint = hashlib.sha256(f"{_SCHEME}/{dim}".encode()).hexdigest()
        self._words: dict[str, npt.NDArray[np.int32]] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode sentences; see :class:`Encoder`."""
        counts = np.zeros((len(texts), self.dim), np.int32)
        for row, text in enumerate(texts):
            self._count(text, counts[row])
        length = np.sqrt(np.einsum("nd,nd->n", counts, counts, dtype=np.int64).astype(np.float64))
        vectors: Vectors = (counts / length[:, None]).astype(np.float32)
        return vectors

    def _count(self, text: str, out: npt.NDArray[np.int32]) -> None:
        """Add the features of one text to ``out (D,)`` in place."""
        tokens = _TOKENS.findall(unicodedata.normalize("NFKC", text).casefold())
        for token in tokens:
            out += self._word(token)
        for i in range(len(tokens) - 1):
            self._add(f"{tokens[i]} {tokens[i + 1]}", 1, out)
        if not out.any():  # nothing to count (empty text), or everything cancelled
            self._add("\0", 1, out)

    def _word(self, word: str) -> npt.NDArray[np.int32]:
        known = self._words.get(word)
        if known is None:
            known = np.zeros(self.dim, np.int32)
            self._add(f"={word}", 2, known)
            for piece in _pieces(word):
                self._add(piece, 1, known)
            if len(self._words) >= MAX_WORDS:
                self._words = {}
            self._words[word] = known
        return known

    def _add(self, feature: str, weight: int, out: npt.NDArray[np.int32]) -> None:
        code = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
        out[(code >> 1) % self.dim] += weight if code & 1 else -weight

    def __deepcopy__(self, memo: dict[int, object]) -> HashingEncoder:
        return self  # a pure function: nothing to copy

    def __reduce__(self) -> tuple[type[HashingEncoder], tuple[int]]:
        return type(self), (self.dim,)


def _pieces(word: str) -> Iterator[str]:
    marked = f"<{word}>"
    for size in (3, 4):
        for start in range(len(marked) - size + 1):
            yield marked[start : start + size]
