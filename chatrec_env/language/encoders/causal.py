"""A causal language model as a transcript encoder: each turn it reads only what is new."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from chatrec_env.language.encoders import lanes, weights
from chatrec_env.language.encoders.base import Exchange, Vectors
from chatrec_env.language.encoders.prefixes import Prefix, PrefixStore, prefix_keys, window_starts
from chatrec_env.language.encoders.transformers_models import attention_name, load_model, load_tokenizer, utf8

POOLS = ("mean", "last")
NEUTRAL: tuple[Exchange, ...] = (
    ("", "Hello."),
    ("", "Hi, can you help me find something?"),
    ("What would you like?", "I am not sure yet."),
    ("Here is something you might like.", "Okay, thanks."),
)
"""One-turn transcripts that say nothing in particular: the mean of their states is taken off every state."""

_SCHEME = "causal-1"
_MOST_VECTORS = 16_384
_CLOSE = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class CausalConfig:
    """Options of ``encoder={"name": "causal", ...}``; plain JSON data."""

    model: str = ""  # folder with `config.json`, safetensors weights and `tokenizer.json` of a decoder
    pool: str = "mean"  # `"mean"` of the hidden states of all tokens, or the `"last"` token's
    # longest transcript read, in tokens. A longer one is read from a later turn on, such that at most half of this is
    # left, and grows again from there.
    max_tokens: int = 2048
    memory_mb: int = 1024  # most memory for what is remembered of conversations, in megabytes

    def __post_init__(self) -> None:
        if not isinstance(self.model, str) or not self.model:
            raise ConfigError(
                'The encoder "causal" needs a model folder: encoder="causal:FOLDER" or '
                f'encoder={{"name": "causal", "model": "FOLDER"}}, got {self.model!r}.'
            )
        if self.pool not in POOLS:
            raise UnknownNameError("encoder.pool", self.pool, POOLS)
        for name, least in (("max_tokens", 16), ("memory_mb", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigError(f"encoder.{name} must be an integer >= {least}, got {value!r}.")


@dataclass(slots=True)
class TokensRead:
    """Tokens read since the encoder was made: ``new`` went through the model, ``reused`` were remembered."""

    new: int = 0
    reused: int = 0


class CausalEncoder:
    """Hidden state of a decoder over the whole transcript, a plain script of "Assistant:" and "User:" lines.

    After each turn only its own tokens go through the model; keys and values of the tokens before are kept, by the
    content of the conversation, so nothing of it is part of an environment's state: copies, pickles, branches and
    restarts need no care. A conversation that was dropped from memory is read again turn by turn in the same
    shapes, and conversations are never mixed in one call, so a vector's bits depend on its transcript alone. They
    equal one pass over all tokens to rounding.

    The state (mean over the tokens but the first, which every decoder uses as a resting place for attention, or
    the last token's) less the same of a few neutral transcripts, scaled to unit length: causal states share a large
    constant part, which says nothing.

    Raises:
        ArtifactError: A file is missing or damaged; on first use: the model is no decoder that can go on reading.
    """

    dim = 0

    def __init__(self, name: str, folder: Path, config: CausalConfig) -> None:
        self.name, self.folder, self.config = name, folder, config
        missing = [f for f in ("config.json", "tokenizer.json") if not (folder / f).is_file()]
        if missing or not any(folder.glob("*.safetensors")):
            raise ArtifactError(
                f"{folder} is no model folder: expected config.json, tokenizer.json and *.safetensors there. Name a "
                "folder with all of them, or fetch the default one with: chatrec models get smollm2"
            )
        self._model_config = weights.read_decoder_config(folder)
        self.width: int = self._model_config["width"]
        self._window = min(
            config.max_tokens, self._model_config["longest"] - len(self._model_config["begin"])
        )
        self._fingerprint = ""
        self._start()

    def _start(self) -> None:
        self._lock = threading.RLock()
        self._loaded: tuple[Any, Any] | None = None
        self._centre: npt.NDArray[np.float64] = np.zeros(self.width)
        self._store = PrefixStore(self.config.memory_mb * 1_000_000)
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()
        self.reading = TokensRead()

    @property
    def fingerprint(self) -> str:
        """Hex digest of weights, tokenizer and scheme; read from the files once."""
        if not self._fingerprint:
            origin = weights.read_origin(self.folder)
            known = [origin["weights"]] if "weights" in origin else []
            files = [self.folder / "config.json", self.folder / "tokenizer.json"]
            files += [] if known else sorted(self.folder.glob("*.safetensors"))
            scheme = [_SCHEME, NEUTRAL, self.config.pool, self._window]
            told = json.dumps([*scheme, *known, *(weights.digest(file) for file in files)])
            self._fingerprint = hashlib.sha256(told.encode()).hexdigest()
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Nothing of single sentences: ``(n, 0)`` float32."""
        return np.zeros((len(texts), 0), np.float32)

    def encode_transcripts(self, transcripts: Sequence[Sequence[Exchange]], last: int = 1) -> Vectors:
        """Encode conversations; see :class:`TranscriptEncoder`."""
        out = np.zeros((len(transcripts), last, self.width), np.float32)
        if not any(transcripts):
            return out
        self._load()
        different: dict[tuple[Exchange, ...], list[int]] = {}
        for n, transcript in enumerate(transcripts):
            different.setdefault(tuple(transcript), []).append(n)
        calls = [partial(self._states, turns, last) for turns in different]
        for places, states in zip(different.values(), lanes.run(calls), strict=True):
            out[places] = states
        return out

    def encode_at_once(self, transcript: Sequence[Exchange]) -> Vectors:
        """The vector of a transcript within the window by one pass, ``(width,)``: what reading by turns amounts to."""
        self._load()
        tokens = [token for turn in transcript for token in self._tokens(turn)]
        return self._pooled(self._extend(None, [*self._model_config["begin"], *tokens]), self._centre)

    def forget(self) -> None:
        """Drop all that is remembered; what is encoded next is read from its start."""
        with self._lock:
            self._store = PrefixStore(self._store.budget)
            self._vectors.clear()
            self.reading = TokensRead()

    @property
    def remembered(self) -> int:
        """Bytes of what is remembered."""
        return self._store.nbytes

    def _states(self, turns: tuple[Exchange, ...], last: int) -> Vectors:
        """One conversation, ``(last, width)``."""
        out = np.zeros((last, self.width), np.float32)
        tokens = [self._tokens(turn) for turn in turns]
        starts = window_starts([len(part) for part in tokens], self._window)
        for end in range(max(0, len(turns) - last), len(turns)):
            out[last - len(turns) + end] = self._state(tokens[starts[end] : end + 1])
        return out

    def _state(self, parts: list[list[int]]) -> Vectors:
        """The vector after the last of these turns."""
        parts = [[*self._model_config["begin"], *parts[0]], *parts[1:]]
        keys = prefix_keys(parts)
        with self._lock:
            known = self._vectors.get(keys[-1])
        if known is not None:
            return known
        read, prefix = len(parts), None
        while read and (prefix := self._store.get(keys[read - 1])) is None:
            read -= 1
        reused, parent = (prefix.tokens, keys[read - 1]) if prefix is not None else (0, None)
        for part in parts[read:]:
            prefix = self._extend(prefix, part)
        assert prefix is not None
        self._store.put(keys[-1], prefix, parent)
        vector = self._pooled(prefix, self._centre)
        with self._lock:
            self.reading.new += prefix.tokens - reused
            self.reading.reused += reused
            self._vectors[keys[-1]] = vector
            while len(self._vectors) > _MOST_VECTORS:
                self._vectors.popitem(last=False)
        return vector

    def _pooled(self, prefix: Prefix, centre: npt.NDArray[np.float64]) -> Vectors:
        """The vector of a state; zero if nothing is left of it."""
        state = self._raw(prefix) - centre
        vector: Vectors = (state / max(float(np.linalg.norm(state)), 1e-12)).astype(np.float32)
        return vector

    def _raw(self, prefix: Prefix) -> npt.NDArray[np.float64]:
        if self.config.pool == "last" or prefix.tokens == 1:
            return prefix.final
        return prefix.total / (prefix.tokens - 1)

    def _extend(self, prefix: Prefix | None, tokens: list[int]) -> Prefix:
        """Read on; the prefix itself stays as it is."""
        import torch

        assert self._loaded is not None
        past = None
        if prefix is not None:
            past = copy.copy(prefix.past)  # reading on replaces the tensors of a layer, not their contents
            past.layers = [copy.copy(layer) for layer in prefix.past.layers]
        with torch.inference_mode():
            model = self._loaded[0]
            name = attention_name(model)
            done = model(input_ids=torch.tensor([tokens]), use_cache=True, **{name: past})
            states = done.last_hidden_state[0].numpy().astype(np.float64)
        counted = states if prefix is not None else states[1:]
        before = prefix.total if prefix is not None else np.zeros(self.width)
        kept = done.get(name)
        return Prefix(
            past=kept,
            tokens=len(tokens) + (prefix.tokens if prefix is not None else 0),
            total=before + counted.sum(0),
            final=states[-1].copy(),
            nbytes=sum(layer.keys.nbytes + layer.values.nbytes for layer in kept.layers),
        )

    def _tokens(self, turn: Exchange) -> list[int]:
        """Tokens of one turn, at most half a window: of a longer one the end is kept."""
        assert self._loaded is not None
        system, person = (utf8(" ".join(text.split())) for text in turn)
        script = (f"Assistant: {system}\n" if system else "") + (
            f"User: {person}\n" if person or not system else ""
        )
        ids: list[int] = self._loaded[1].encode(script, add_special_tokens=False).ids
        return ids[-(self._window // 2) :]

    def _load(self) -> None:
        """Model and tokenizer, once; then a look whether it can go on reading, and its centre."""
        with self._lock:
            if self._loaded is not None:
                return
            try:
                self._loaded = (load_model(self.folder), load_tokenizer(self.folder, 1_000_000))
                centre = lanes.run([self._examine])[0]
            except (OSError, ValueError, RuntimeError, TypeError, AttributeError) as error:
                self._loaded = None
                if isinstance(error, ArtifactError):
                    raise
                raise ArtifactError(
                    f"The model in {self.folder} does not read as a decoder: {type(error).__name__}: {error} "
                    "Expected a causal language model that transformers knows, as safetensors."
                ) from error
            self._centre = centre

    def _examine(self) -> npt.NDArray[np.float64]:
        """The centre, after checking that reading in two parts equals reading at once."""
        begin = self._model_config["begin"]
        parts = [self._tokens(turn) for turn in NEUTRAL]
        whole = self._extend(None, [*begin, *parts[0], *parts[1]])
        twice = self._extend(self._extend(None, [*begin, *parts[0]]), parts[1])
        scale = float(np.abs(whole.final).max())
        if not np.allclose(whole.final, twice.final, atol=_CLOSE * scale, rtol=0):
            raise ArtifactError(
                f"The model in {self.folder} gives other states when it reads in parts than at once, so its attention "
                "cannot be kept between turns. Expected a decoder with plain causal attention."
            )
        states = [self._raw(self._extend(None, [*begin, *part])) for part in parts]
        return np.mean(states, axis=0)

    def __deepcopy__(self, memo: dict[int, object]) -> CausalEncoder:
        return self  # a pure function with a memory: nothing to copy

    def __getstate__(self) -> dict[str, Any]:
        own = ("name", "folder", "config", "width", "_model_config", "_window", "_fingerprint")
        return {name: self.__dict__[name] for name in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def __repr__(self) -> str:
        return f"CausalEncoder({self.name!r}, {json.dumps(asdict(self.config))})"
