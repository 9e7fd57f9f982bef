"""How an agent with a table, or with linear values, learns."""

from __future__ import annotations

from dataclasses import dataclass

from agents.base import check_integers, check_numbers
from agents.tabular.td import linear
from chatrec_env.errors import ConfigError, UnknownNameError

ALGORITHMS = ("q_learning", "sarsa", "expected_sarsa", "double_q_learning", "sarsa_lambda", "n_step_sarsa")
EPISODIC = ("sarsa_lambda", "n_step_sarsa")
"""Those that learn from a conversation when it has ended."""

VALUES = ("table", "linear")
LINEAR = "linear_"
"""Before the name of an algorithm that learns linear values."""
RATE_SCHEDULES = ("constant", "linear", "visits")


@dataclass(frozen=True, kw_only=True, slots=True)
class TabularConfig:
    """Settings of temporal-difference control with a table or with linear values; plain JSON data.

    Attributes:
        algorithm: ``"q_learning"``, ``"double_q_learning"`` (off-policy), ``"sarsa"``, ``"expected_sarsa"``,
            ``"sarsa_lambda"`` or ``"n_step_sarsa"`` (on-policy).
        values: ``"table"``: one value per tabular observation and action; ``"linear"``: linear in the flat observation
            less its conversation block (``agents.tabular.values``).
        turns: Conversation turns to train on; rounded up to whole batches of ``parallel``.
        gamma: Discount per turn.
        learning_rate: First step size.
        final_learning_rate: Step size that the schedules fall to, and never below.
        rate_schedule: ``"constant"``: ``learning_rate`` throughout; ``"linear"``: falls over ``decay_turns``;
            ``"visits"``: ``learning_rate / n ** visit_power`` at a cell's n-th update, the condition of
            convergence for powers in (0.5, 1] when the floor is 0 (Robbins and Monro, 1951).
        visit_power: See ``rate_schedule``.
        trace_decay: Lambda of SARSA(lambda).
        n_steps: Turns of n-step SARSA.
        epsilon_start: Share of random actions at first. Small: what is learned of an action that is rarely tried
            stays that of the policy it was tried under, and SARSA undervalues asking for long if that was random.
        epsilon_end: Share of random actions after ``decay_turns``.
        decay_turns: Turns over which exploration (and a linear learning rate) falls; 0: three quarters of ``turns``.
        initial_value: Where every cell starts; above what is attainable, every action gets tried (optimism).
        parallel: Conversations side by side.
        record_every: Turns between records of the learning curve; 0: a forty-eighth of ``turns``.
        seed: Seed of the people trained on and of exploration, which have streams of their own.
    """

    algorithm: str = "q_learning"
    values: str = "table"
    turns: int = 400_000
    gamma: float = 0.99
    learning_rate: float = 1.0
    final_learning_rate: float = 0.005
    rate_schedule: str = "visits"
    visit_power: float = 0.8
    trace_decay: float = 0.7
    n_steps: int = 3
    epsilon_start: float = 0.2
    epsilon_end: float = 0.05
    decay_turns: int = 0
    initial_value: float = 0.0
    parallel: int = 500
    record_every: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise UnknownNameError("algorithm", self.algorithm, ALGORITHMS)
        if self.values not in VALUES:
            raise UnknownNameError("kind of values", self.values, VALUES)
        if self.rate_schedule not in RATE_SCHEDULES:
            raise UnknownNameError("rate_schedule", self.rate_schedule, RATE_SCHEDULES)
        if self.values == "linear" and self.rate_schedule == "visits":
            raise ConfigError(
                "tabular.rate_schedule 'visits' counts the visits of a table's cells, and linear values have none. Use "
                "'linear' or 'constant'."
            )
        check_integers("tabular", self, turns=1, decay_turns=0, parallel=1, n_steps=1, record_every=0, seed=0)
        unit = (
            "gamma",
            "learning_rate",
            "final_learning_rate",
            "visit_power",
            "trace_decay",
            "epsilon_start",
            "epsilon_end",
        )
        check_numbers("tabular", self, **dict.fromkeys(unit, "[0, 1]"), initial_value="[-1e6, 1e6]")
        if not self.decay_turns:
            object.__setattr__(self, "decay_turns", max(1, 3 * self.turns // 4))
        if not self.record_every:
            object.__setattr__(self, "record_every", max(self.parallel, self.turns // 48))

    @property
    def name(self) -> str:
        """What the registry calls an agent that learns so."""
        return LINEAR * (self.values == "linear") + self.algorithm

    def rate(self, visit: int, progress: float) -> float:
        """Step size of a cell's ``visit``-th update, at ``progress`` through ``decay_turns``."""
        if self.rate_schedule == "constant":
            return self.learning_rate
        if self.rate_schedule == "linear":
            return linear(self.learning_rate, self.final_learning_rate, progress)
        return max(self.final_learning_rate, self.learning_rate * float(visit) ** -self.visit_power)
