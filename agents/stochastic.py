"""Policies that draw their actions and say with what chances: what logs need to be evaluated off-policy.

The chances of N conversations are rows of ``(N, W)``. On ``"items"`` and ``"strategy"`` actions they are the
probabilities of all actions, W = ``task.actions.n``. On slates they are those of the first number (recommend, or a
question), then a strength for each of the K candidates: the slate is drawn place by place in proportion to the
strengths of the candidates left (Plackett, 1975; Luce, 1959), so the chance of every slate follows exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from agents.action_numbers import recommend_slate
from agents.base import Decision, Policy
from chatrec_env.core.actions import SlateActions
from chatrec_env.core.kernel import Task, observe_dialogue
from chatrec_env.errors import ConfigError

Float = npt.NDArray[np.float64]
Actions = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

MOST_TEMPERATURE = 100.0
"""Largest temperature: what is preferred differs by a few units, so that from here on all actions are alike."""

ALMOST_ONE = np.nextafter(1.0, 0.0)


@runtime_checkable
class StochasticPolicy(Policy, Protocol):
    """A policy whose actions are drawn, and that can say with what chances."""

    def chances(self, decision: Decision) -> Float:
        """Chances ``(N, W)`` with which ``act`` chooses; see the module. What is illegal has 0."""


def chances_of(policy: Policy, decision: Decision) -> Float:
    """Chances ``(N, W)`` of any policy; of one that never draws, 1 for what it does.

    Raises:
        ConfigError: The policy draws, and does not say with what chances.
    """
    if isinstance(policy, StochasticPolicy):
        return policy.chances(decision)
    n = len(decision)
    actions = policy.act(decision, np.zeros(n))
    if not np.array_equal(actions, policy.act(decision, np.full(n, ALMOST_ONE))):
        raise ConfigError(
            f"{policy.name} draws its actions without a method 'chances' that says how likely each is. Add one (see "
            "agents.stochastic.StochasticPolicy)."
        )
    if isinstance(decision.task.actions, SlateActions):
        raise ConfigError(
            f"{policy.name} always shows one slate, which no strengths of candidates express. Soften it, for example "
            "with epsilon=0.1."
        )
    out = np.zeros((n, decision.task.actions.n))
    out[np.arange(n), actions] = 1.0
    return out


def n_heads(task: Task) -> int:
    """Columns of chances before the strengths of candidates: all of them but on slates."""
    return task.actions.sizes[0] if isinstance(task.actions, SlateActions) else task.actions.n


def draw(task: Task, chances: Float, uniforms: Float) -> Actions:
    """Actions ``(N,)``, on slates ``(N, 1 + S)``, drawn with one uniform each: the same bits for the same arguments.

    Args:
        task: Says what the numbers mean.
        chances: (N, W)
        uniforms: (N,) in [0, 1). The first digit of one, in the scale of the chances, is the action; what is left of
            it is even again, and draws the first place of a slate, and so on.
    """
    heads = n_heads(task)
    first, rest = _pick(chances[:, :heads], uniforms)
    if not isinstance(task.actions, SlateActions):
        return first
    size = task.manager.slate_size
    places, left = np.full((len(first), size), -1, np.int64), chances[:, heads:].copy()
    for s in range(min(size, left.shape[1])):
        some = left.sum(axis=1) > 0
        place, rest = _pick(left, rest)
        places[some, s] = place[some]
        left[some, place[some]] = 0.0
    slates = recommend_slate(places)
    return np.column_stack([first, np.where((first == 0)[:, None], slates[:, 1:], 0)])


def _pick(weights: Float, uniforms: Float) -> tuple[Actions, Float]:
    """A column of each row in proportion to its weight, and what is left of the uniform; 0 where all weigh 0."""
    ends = np.cumsum(weights, axis=1)
    at = np.minimum(uniforms * ends[:, -1], np.nextafter(ends[:, -1], 0.0))
    column = (ends > at[:, None]).argmax(axis=1).astype(np.int64)
    weight = np.take_along_axis(weights, column[:, None], 1)[:, 0]
    start = np.take_along_axis(ends, column[:, None], 1)[:, 0] - weight
    rest = np.divide(at - start, weight, out=np.zeros(len(at)), where=weight > 0)
    return column, np.clip(rest, 0.0, ALMOST_ONE)


def propensity(task: Task, chances: Float, actions: Actions) -> Float:
    """The chance ``(N,)`` of each action ``(N,)``, of each slate ``(N, 1 + S)``.

    A slate's is ``P(recommend) * prod_s strength(k_s) / sum of the strengths of all but k_1 .. k_{s-1}``. Where
    candidates run out, the places left are certain. When a question is asked the places mean nothing.
    """
    heads = n_heads(task)
    if not isinstance(task.actions, SlateActions):
        return np.take_along_axis(chances, actions[:, None], 1)[:, 0]
    out = np.take_along_axis(chances[:, :heads], actions[:, :1], 1)[:, 0]
    shows, left = actions[:, 0] == 0, chances[:, heads:].copy()
    for s in range(1, actions.shape[1]):
        total = left.sum(axis=1)
        strength = np.take_along_axis(left, actions[:, s : s + 1], 1)[:, 0]
        factor = np.divide(strength, total, out=np.ones(len(total)), where=total > 0)
        out = np.where(shows, out * factor, out)
        np.put_along_axis(left, actions[:, s : s + 1], 0.0, 1)
    return out


def even_chances(decision: Decision) -> Float:
    """Every legal action alike, ``(N, W)``; on slates every legal first number, and every candidate."""
    heads = n_heads(decision.task)
    legal = decision.mask[:, :heads]
    out = legal / legal.sum(axis=1, keepdims=True)
    if not isinstance(decision.task.actions, SlateActions):
        return np.asarray(out)
    present = decision.view.present
    return np.concatenate([out, present / np.maximum(present.sum(axis=1, keepdims=True), 1)], axis=1)


@dataclass(frozen=True, slots=True)
class EpsilonGreedy:
    """Any agent, softened: with probability epsilon any legal action.

    On slates the first number is the agent's with probability 1 - epsilon, else any legal one. The strength of the
    candidate in the agent's place s (from 0) is ``epsilon ** s``, that of the others ``epsilon ** S``: epsilon = 1
    shows any slate, and the smaller it is, the likelier the agent's own.

    Attributes:
        policy: The agent.
        epsilon: In (0, 1].
    """

    policy: Policy
    epsilon: float

    def __post_init__(self) -> None:
        if not 0 < self.epsilon <= 1:
            example = f"{self.policy.name}:epsilon=0.3"
            raise ConfigError(f"epsilon must lie in (0, 1], got {self.epsilon!r}. Example: {example}")

    @property
    def name(self) -> str:
        """The agent's, and the epsilon."""
        return f"{self.policy.name}:epsilon={self.epsilon:g}"

    def chances(self, decision: Decision) -> Float:
        """See ``StochasticPolicy``."""
        even = even_chances(decision)
        slates = isinstance(decision.task.actions, SlateActions)
        if slates and not isinstance(self.policy, StochasticPolicy):
            own = self._slate_chances(decision, even)
            return np.concatenate(
                [self._mix(own, even)[:, : n_heads(decision.task)], own[:, n_heads(decision.task) :]], 1
            )
        return self._mix(chances_of(self.policy, decision), even)

    def _mix(self, own: Float, even: Float) -> Float:
        return np.asarray((1.0 - self.epsilon) * own + self.epsilon * even)

    def _slate_chances(self, decision: Decision, even: Float) -> Float:
        actions, heads = self.policy.act(decision, np.zeros(len(decision))), n_heads(decision.task)
        own = np.zeros_like(even)
        own[np.arange(len(own)), actions[:, 0]] = 1.0
        size = actions.shape[1] - 1
        strengths = np.full((len(own), even.shape[1] - heads), self.epsilon**size)
        if decision.view.present.any():
            for s in range(size - 1, -1, -1):  # a candidate named twice is shown at its first place
                strengths[np.arange(len(own)), actions[:, 1 + s]] = self.epsilon**s
        strengths *= decision.view.present
        own[:, heads:] = strengths / np.maximum(strengths.sum(axis=1, keepdims=True), 1e-300)
        return own

    def act(self, decision: Decision, uniforms: Float) -> Actions:
        """See ``Policy``."""
        return draw(decision.task, self.chances(decision), uniforms)


@dataclass(frozen=True, slots=True)
class Softmax:
    """Any agent with preferences, softened by them: chances in proportion to ``exp(preference / temperature)``.

    An agent with a method ``probabilities`` (PPO and other networks) prefers by their logarithms: temperature 1 plays
    the probabilities themselves. A heuristic prefers candidates by its ``utility``, or by their scores; it asks when
    it would, and what it would.

    Attributes:
        policy: The agent.
        temperature: Above 0, at most ``MOST_TEMPERATURE``; the higher, the more even.
    """

    policy: Policy
    temperature: float

    def __post_init__(self) -> None:
        if not 0 < self.temperature <= MOST_TEMPERATURE:
            most, example = MOST_TEMPERATURE, f"{self.policy.name}:temperature=0.5"
            told = f"temperature must be above 0 and at most {most:g}, got {self.temperature!r}."
            raise ConfigError(f"{told} Example: {example}")

    @property
    def name(self) -> str:
        """The agent's, and the temperature."""
        return f"{self.policy.name}:temperature={self.temperature:g}"

    def chances(self, decision: Decision) -> Float:
        """See ``StochasticPolicy``.

        Raises:
            ConfigError: On ``"strategy"`` actions, of an agent without probabilities: they name no candidates.
        """
        own = getattr(self.policy, "probabilities", None)
        if own is not None:
            with np.errstate(divide="ignore"):
                return softmax(np.log(own(decision)), decision.mask, self.temperature)
        task, n = decision.task, len(decision)
        slates, k = isinstance(task.actions, SlateActions), task.manager.n_candidates
        if not (slates or task.actions.names[-1].startswith("recommend:")):
            raise ConfigError(
                f"{self.policy.name} has no preferences among strategies to soften by a temperature. Use epsilon."
            )
        utility = getattr(self.policy, "utility", lambda one: one.dialogue.scores)(decision)
        strengths = softmax(np.asarray(utility, np.float64), decision.view.present, self.temperature)
        actions = self.policy.act(decision, np.zeros(n))
        first = actions[:, 0] if slates else actions
        start = n_heads(task) if slates else task.actions.n - k
        asks = first > 0 if slates else first < start
        out = np.zeros((n, start + k))
        out[np.arange(n), np.where(asks | slates, first, 0)] = asks | slates
        out[:, start:] = strengths if slates else np.where(asks[:, None], 0.0, strengths)
        return out

    def act(self, decision: Decision, uniforms: Float) -> Actions:
        """See ``Policy``."""
        return draw(decision.task, self.chances(decision), uniforms)


def softmax(preferences: Float, legal: Bool, temperature: float) -> Float:
    """Chances ``(N, A)`` in proportion to ``exp(preference / temperature)`` of what is legal; 0 where nothing is."""
    known = np.where(legal, preferences, -np.inf)
    most = known.max(axis=1, keepdims=True)
    odds = np.exp((known - np.where(np.isfinite(most), most, 0.0)) / temperature)
    return np.asarray(odds / np.maximum(odds.sum(axis=1, keepdims=True), 1e-300))


@dataclass(frozen=True, kw_only=True, slots=True)
class Softness:
    """How a policy draws where it is served, so that its sessions can judge other policies.

    Attributes:
        explore: Probability with which any legal action is taken instead of its own.
        temperature: Its own action is drawn in proportion to ``exp(preference / temperature)``, see ``Softmax``; 0: it
            is the one it prefers.
    """

    explore: float = 0.0
    temperature: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.explore <= 1:
            raise ConfigError(
                f"--explore must lie between 0 and 1, got {self.explore!r}. Example: --explore 0.05"
            )
        if not 0 <= self.temperature <= MOST_TEMPERATURE:
            told = f"--temperature must lie between 0 and {MOST_TEMPERATURE:g}, got {self.temperature!r}."
            raise ConfigError(f"{told} Example: --temperature 0.5")

    def but(self, explore: float | None, temperature: float | None) -> Softness:
        """The same with what is not None.

        Raises:
            ConfigError: If it is out of range.
        """
        given = {"explore": explore, "temperature": temperature}
        return replace(self, **{name: value for name, value in given.items() if value is not None})

    def named(self, policy: str) -> str:
        """The name of a policy that is softened so, as ``chatrec log`` and ``chatrec ope`` take it."""
        told = {"temperature": self.temperature, "epsilon": self.explore}
        settings = ",".join(f"{name}={value:g}" for name, value in told.items() if value)
        return f"{policy}:{settings}" if settings else policy

    def check(self, policy: Policy, task: Task) -> None:
        """See that a policy can be softened so: it says with what chances it draws, or what it prefers.

        Raises:
            ConfigError: It does not.
        """
        if self == Softness():
            return
        dialogue = task.manager.open(1)
        observation, mask, view = observe_dialogue(task, dialogue)
        first = Decision(task=task, observation=observation, mask=mask, dialogue=dialogue, view=view)
        soft = Softmax(policy, self.temperature) if self.temperature else policy
        try:
            chances_of(soft, first)
        except ConfigError as error:
            raise ConfigError(f"{policy.name} cannot be served with {self.told()}. {error}") from error

    def told(self) -> str:
        """In the words of the command line; empty if nothing is softened."""
        given = (("--explore", self.explore), ("--temperature", self.temperature))
        return " ".join(f"{option} {value:g}" for option, value in given if value)
