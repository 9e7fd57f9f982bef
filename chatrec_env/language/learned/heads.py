"""The heads as they ship: weights, what they were fitted to, and from which chance on each act and role is believed."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import ParsedAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders.base import TokenStates
from chatrec_env.language.learned.evidence import SHARED, Evidence, excessive, vouched
from chatrec_env.language.learned.heard import Floats, Heard, Logits, Shape
from chatrec_env.language.learned.mentions import (
    Mention,
    MentionKind,
    mark_tokens,
    whole_name,
    whole_words,
)
from chatrec_env.language.learned.network import Network
from chatrec_env.language.learned.reading import Meant
from chatrec_env.language.learned.roles import (
    NAMED,
    OF_A_TITLE,
    OF_TITLES,
    WISHES,
    after_all,
    is_brief,
    likeliest,
    rather_too_much,
)
from chatrec_env.language.learned.scheme import ACTS, AFTER, EXCLUSIVE, ROLES, STRENGTHS
from chatrec_env.language.word_forms import DEFAULT

FORMAT: Final = 2
REFIT: Final = "python -m experiments.language.fit_reader"


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """From which chance on something is believed; below it the reader abstains."""

    acts: tuple[float, ...] = (0.5,) * len(ACTS)  # per act of `ACTS`
    role: float = 0.5  # of the likeliest role of a mention, else it is merely named
    wished: float = 0.5  # the same of a wish, in a long message of which it is not known what came before
    words: float = 0.6  # of the role of words that no lexicon knows
    other: float = 0.5  # that a wish is someone else's
    # Where what came before is not known, the rules vouch for the acts of `evidence.SHARED`:
    rules: float = 0.0  # what they add to the logit of an act they read, and take from one they do not
    unplaced: float = 0.5  # chance from which such an act is then believed

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        named = dict(zip(ACTS, self.acts, strict=True))
        return asdict(self) | {"acts": named}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Thresholds:
        """The same from JSON data."""
        acts = tuple(float(data["acts"][act]) for act in ACTS)
        return cls(**{name: float(data[name]) for name in _SINGLE}, acts=acts)


_SINGLE: Final = ("role", "wished", "words", "other", "rules", "unplaced")


@dataclass(frozen=True, slots=True)
class Said:
    """A message with what was found in it."""

    text: str
    tokens: TokenStates
    mentions: Sequence[Mention]  # in order
    read: Sequence[ParsedAct] = ()  # by the rules


@dataclass(frozen=True, slots=True)
class Chances:
    """What the heads say of a message with M mentions."""

    acts: Floats  # (A,)
    roles: Floats  # (M, R) rows sum to 1
    strengths: Floats  # (M, S) rows sum to 1
    other: Floats  # (M,)
    words: Floats  # (T, 1 + R) of each token, first that it is no mention
    placed: bool = True  # whether it is known what came before


class Heads:
    """Tells what is meant by a message and its mentions from the states of its tokens.

    Attributes:
        encoder: Digest of the encoder's weights that it was fitted to (``StateEncoder.weights``).
        identity: Digest of everything that decides a reading, given the states and the mentions.
    """

    def __init__(
        self,
        weights: Mapping[str, npt.NDArray[Any]],
        shape: Shape,
        thresholds: Thresholds,
        *,
        encoder: str,
        identity: str,
    ) -> None:
        self._weights, self._shape, self.thresholds = weights, shape, thresholds
        self.encoder, self.identity = encoder, identity

    @functools.cached_property
    def _network(self) -> Network:
        """Made when the first message is read."""
        return Network(self._weights, self._shape)

    def __getstate__(self) -> dict[str, Any]:
        return {name: entry for name, entry in self.__dict__.items() if name != "_network"}

    @classmethod
    def load(cls, weights: Path) -> Heads:
        """The heads of a safetensors file, and of the card (JSON) beside it.

        Raises:
            ArtifactError: A file is missing, or they do not belong together.
        """
        from safetensors.numpy import load

        card = weights.with_suffix(".json")
        try:
            data, about = weights.read_bytes(), json.loads(card.read_text(encoding="utf-8"))
            digest = hashlib.sha256(data).hexdigest()
            if about["format"] != FORMAT or about["sha256"] != digest:
                raise ValueError(f"format {about['format']!r}, sha256 {digest}")
            if (about["acts"], about["roles"], about["after"]) != (list(ACTS), list(ROLES), list(AFTER)):
                raise ValueError("other acts, roles or places than this version's")
            arrays, shape = load(data), Shape(**about["shape"])
            if arrays["kind.weight"].shape[1] != shape.width:
                raise ValueError(f"states of width {arrays['kind.weight'].shape[1]}")
            thresholds = Thresholds.from_json(about["thresholds"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ArtifactError(
                f"{weights} and {card.name} are not the heads of a reader of this version: {error!r}. "
                f"Fit them again with: {REFIT}"
            ) from error
        told = json.dumps([digest, thresholds.to_json()])
        identity = hashlib.sha256(told.encode()).hexdigest()
        return cls(arrays, shape, thresholds, encoder=about["encoder"], identity=identity)

    def chances(self, said: Sequence[Said], after: Sequence[int]) -> list[Chances]:
        """How likely every act and role is, of messages; those of one do not depend on the others.

        Args:
            said: The messages.
            after: Of each, index into :data:`.scheme.AFTER`: what the system did just before.
        """
        out = []
        for one, place in zip(said, after, strict=True):
            heard = _hear(one)
            out.append(self._chances(one, heard, self._network.say(heard, place), placed=place > 0))
        return out

    def _chances(self, said: Said, heard: Heard, out: Logits, *, placed: bool) -> Chances:
        places = _places(said)
        at = [np.flatnonzero(places == i) for i in range(len(said.mentions))]
        vouch = 0.0 if placed else self.thresholds.rules
        return Chances(
            acts=_sigmoid(out.acts + np.float32(vouch) * vouched(heard.told)),
            roles=_softmax(_means(out.roles[:, 1:], at)),
            strengths=_softmax(_means(out.strengths, at)),
            other=_sigmoid(_means(out.other[:, None], at)[:, 0]),
            words=np.where((places < 0)[:, None], _softmax(out.roles), 0),
            placed=placed,
        )

    def least(self, *, placed: bool) -> Floats:
        """From which chance on each act is believed ``(A,)``."""
        usual = np.array(self.thresholds.acts, np.float32)
        return usual if placed else np.where(SHARED, np.float32(self.thresholds.unplaced), usual)

    def acts(self, chances: Chances) -> list[str]:
        """The acts that are believed."""
        believed = {
            act: float(chance)
            for act, chance, least in zip(ACTS, chances.acts, self.least(placed=chances.placed), strict=True)
            if chance >= least
        }
        for one, other in EXCLUSIVE:
            if one in believed and other in believed:
                del believed[one if believed[one] < believed[other] else other]
        return list(believed)

    def meant(self, said: Said, chances: Chances) -> list[Meant]:
        """What is meant by each mention, and by words that no lexicon knows, in order."""
        request = chances.placed or is_brief(said.text)
        out = []
        for i, mention in enumerate(said.mentions):
            role = self._role(chances.roles[i], mention.kind, request=request)
            if chances.placed and excessive(said.read, mention):
                role = rather_too_much(role, chances.roles[i])
            strength = STRENGTHS[int(chances.strengths[i].argmax())]
            theirs = bool(chances.other[i] >= self.thresholds.other)
            out.append(Meant(mention, role, strength, theirs))
        out += self._unknown(said, chances)
        return sorted(out, key=lambda one: one.mention.start)

    def _role(self, roles: Floats, kind: MentionKind, *, request: bool) -> str:
        """What is meant by a mention, by its roles ``(R,)``: of a wish more is needed where nothing is asked for."""
        if kind not in WISHES:
            of_title = request and kind == MentionKind.TITLE
            return likeliest(roles, OF_A_TITLE if of_title else self.thresholds.role)
        if not request:
            return likeliest(roles, self.thresholds.wished)
        role = likeliest(roles, self.thresholds.role)
        return after_all(roles) if role == NAMED else role

    def _unknown(self, said: Said, chances: Chances) -> list[Meant]:
        """Words outside the mentions that are meant as something, joined where they stand together."""
        spans, roles = said.tokens.spans, chances.words[:, 1:]
        best = np.where(roles.max(1) >= 0.5, roles.argmax(1), -1)
        out, at = list[Meant](), 0
        while at < len(best):
            end = at + 1
            if best[at] >= 0 and spans[at, 1] > 0:
                while end < len(best) and best[end] == best[at] and spans[end, 1] > 0:
                    end += 1
                role = ROLES[best[at]]
                if roles[at:end, best[at]].max() >= self.thresholds.words and role != NAMED:
                    start, stop = whole_words(said.text, int(spans[at, 0]), int(spans[end - 1, 1]))
                    start, stop = whole_name(said.text, start, stop) if role in OF_TITLES else (start, stop)
                    if out and out[-1].role == role and not said.text[out[-1].mention.end : start].strip():
                        start = out.pop().mention.start  # two words of one name
                    if not out or out[-1].mention.end <= start:
                        out.append(Meant(Mention(MentionKind.OTHER, start, stop), role))
            at = end
        return out


def _hear(said: Said) -> Heard:
    """A message as the network takes it."""
    evidence = Evidence.of(said.read, said.mentions)
    places = _places(said)
    kinds = np.array([0, *(1 + one.kind for one in said.mentions)], np.int64)[places + 1]
    begins = (places >= 0) & (places != np.concatenate(([-1], places[:-1])))
    signs = np.append(evidence.signs, 0)[places]
    return Heard(said.tokens.states, kinds, begins.astype(np.int64), signs, evidence.acts)


def _places(said: Said) -> npt.NDArray[np.int64]:
    """Which mention each token is in ``(T,)``, -1 for none."""
    return mark_tokens(said.tokens.spans, [(one.start, one.end) for one in said.mentions])


@functools.cache
def shipped_heads(language: str = DEFAULT) -> Heads:
    """The heads of a language, read once. ``python -m experiments.language.fit_reader`` makes them."""
    return Heads.load(Path(str(get_language(language).heads)))


def shipped_card(language: str = DEFAULT) -> dict[str, Any]:
    """The card of a language's heads: what they were fitted to, and which families of phrasing were held out."""
    card = Path(str(get_language(language).heads)).with_suffix(".json")
    return dict(json.loads(card.read_text(encoding="utf-8")))


def _means(values: Floats, at: Sequence[Any]) -> Floats:
    """Token values ``(T, C)`` averaged over the tokens of each mention; zero for a mention without tokens."""
    out = np.zeros((len(at), values.shape[1]), np.float32)
    for i, tokens in enumerate(at):
        if len(tokens):
            out[i] = values[tokens].mean(0)
    return out


def _sigmoid(x: Floats) -> Floats:
    out: Floats = np.float32(1) / (np.float32(1) + np.exp(-np.clip(x, -60, 60)))
    return out


def _softmax(x: Floats) -> Floats:
    if not x.size:
        return x
    raised = np.exp(x - x.max(-1, keepdims=True))
    out: Floats = raised / raised.sum(-1, keepdims=True)
    return out
