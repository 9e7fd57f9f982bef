"""The single environment: a shell around the kernel with one conversation."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.envs.registration import EnvSpec

from chatrec_env.core.kernel import State, Turn, observe_batch, start_batch, step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.rendering import render_ansi, render_rgb
from chatrec_env.envs.shared import batch_info, declared, legal_actions
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, NotResetError

RENDER_MODES = ("ansi", "rgb_array")


class ChatRecEnv(gym.Env[Any, np.int64]):
    """A conversation with one person who is looking for something; the agent asks or recommends.

    ## Description

    Each turn the system asks a question or suggests one item, and the person answers in words, accepts or not,
    rates what they accepted, and may walk out. The person is simulated; what they like, how patient they are and
    how soon more of the same palls on them is hidden. The state is what a deployed system would have: the
    conversation encoded by a language model, what was accepted and rated, what the parsed sentences say they want,
    and the candidates that retrieval has put on the table.

    Two ids share these rules and differ in their actions: ``ChatRec/Items-v0`` and ``ChatRec/Strategy-v0``.
    Numbers below are for the built-in films (8 facets, 143 values, 4 contexts), 12 candidates and 20 turns.

    ## Action Space

    ``ChatRec/Items-v0``: ``Discrete(20)``, F askable facets and K candidates.

    | Action | Meaning |
    |--------|---------|
    | 0-7    | ask about genre, mood, theme, era, audience, length, country, language |
    | 8-19   | recommend candidate 0 (the best match) to 11 |

    ``ChatRec/Strategy-v0``: ``Discrete(6)``.

    | Action | Meaning |
    |--------|---------|
    | 0      | ask the question whose answer would tell most |
    | 1      | confirm the likeliest value not yet offered for confirmation |
    | 2      | exploit: recommend the candidate of the highest score |
    | 3      | explore: of the highest score plus twice its uncertainty |
    | 4      | diversify: of the highest score less twice its overlap with what was accepted lately |
    | 5      | close the conversation |

    Every question can be asked, the same again too. A candidate place is empty once few unseen items are left, and
    cannot be recommended then. Legal actions are in ``info["action_mask"]`` and ``action_masks()``; choose with
    ``action_space.sample(mask)``. A masked action raises ``IllegalActionError``, or is redirected with
    ``masked_actions="redirect"``.

    ## Observation Space

    ``observation="flat"``: ``Box(-8, 8, (width,), float32)``, the blocks below one after the other; ``"dict"``: the
    same blocks by name; ``"tabular"``: ``Discrete(432)``. D is the width of the sentence encoder: 384 for
    ``"minilm"`` (width 1130), 64 for ``"hash"`` (width 490). ``env.unwrapped.layout.columns()`` names every column.

    | Block        | Columns | Range   | Content |
    |--------------|---------|---------|---------|
    | conversation | 2 D     | [-1, 1] | recency-weighted mean encoding of the person's sentences, then the system's |
    | history      | 40      | [-8, 8] | clicks, ratings, last outcome (4), waiting, surprise (2); 12 acts of the    |
    |              |         |         | person's last turn; estimated tastes over 16 content factors, their variance |
    | belief       | 175     | [-8, 8] | stated wish per value (143, in [-1.5, 1.5]); per facet: entropy, times asked, |
    |              |         |         | answered, no answer |
    | candidates   | 132     | [-8, 8] | 11 per candidate: present, score, gap, wanted, unwanted, taste, uncertainty, |
    |              |         |         | overlap, refused, acclaim, popularity |
    | context      | 13      | [0, 1]  | company the person named: unknown, alone, partner, friends, kids; time of day |
    |              |         |         | seen: morning, afternoon, evening, night; device: phone, tablet, computer, tv |
    | budget       | 2       | [0, 8]  | share of turns left; questions / 10 |

    ``conversation="sequence"`` gives the last T turns (``history_turns``, 8) instead, for recurrent and attention
    policies: ``conversation`` has T * 2 D columns, oldest turn first, each the person's sentences' mean encoding, then
    the system's; and a block ``conversation_mask`` of T columns follows it, 1 for a turn that there was. In the dict
    form, ``conversation`` has shape (T, 2 D).

    The tabular state counts facets known (4 levels), last turn (3), turns waited (4), overlap (3) and score (3) of
    the best candidate.

    ## Starting State

    A new person, drawn from the scenario with the seed of ``reset``, has said their first words. The same seed
    brings the same person in the same mood, whatever is done to them, and whatever their past.

    With a ``past``, the person has rated items before (5 to 15 if warm, 40 to 100 if heavy), by the tastes that play
    them now, and the system knows these ratings. They move the estimated tastes and, with ``collaborative``, the
    person's place among the collaborative factors; rated items count as seen and are never candidates. At most a
    quarter of the catalogue was rated. The ratings are in ``env.unwrapped.state.dialogue.past``.

    ## Rewards

    The sum of named terms, each also in the info. Weights are keywords (``reward={"ask_cost": 0.1}``).

    | Term    | Default | Paid |
    |---------|---------|------|
    | click   | 1.0     | for an accepted item |
    | rating  | 0.5     | times (stars - 3) / 2 for an accepted item |
    | ask     | -0.05   | for a question or a confirmation |
    | leave   | -0.5    | when the person walks out |
    | shaping | 0.0     | gamma * phi(s') - phi(s); off, ``"knowledge"`` or ``"engagement"``; phi is 0 at the end |

    ## Episode End

    Termination: the person leaves, or the system closes (``ChatRec/Strategy-v0``). Truncation: after ``max_turns``
    turns. The environment truncates itself; there is no ``TimeLimit``.

    ## Information

    The same keys at ``reset`` and at every ``step``; nothing latent is among them (see ``reveal``).

    | Key             | Content |
    |-----------------|---------|
    | action_mask     | (n,) int8, 1 where an action is legal now |
    | system_text     | what the system said this turn, empty at reset |
    | user_text       | what the person said |
    | candidates      | (K,) int32, rows of the catalogue on the table, best first |
    | item            | row of the item suggested this turn, -1 if none |
    | clicked         | whether it was accepted |
    | stars           | its rating, 1 to 5, 0 if none |
    | left            | whether the person walked out |
    | turn            | turns taken |
    | questions       | questions and confirmations so far |
    | is_success      | whether something accepted so far was rated 4 or 5 |
    | reward_click    | term of this turn's reward, likewise the next four |
    | reward_rating   | |
    | reward_ask      | |
    | reward_leave    | |
    | reward_shaping  | |

    People made of language add ``llm_calls``, ``llm_tokens``, ``llm_seconds``, ``llm_invalid``, ``llm_leaks`` and
    ``llm_fallbacks``: what the conversation has taken so far.

    ## Arguments

    All are plain JSON data; ``EnvConfig`` and ``RewardConfig`` document them further.

    | Argument       | Default      | Meaning |
    |----------------|--------------|---------|
    | catalog        | ``"movies"`` | built-in catalogue, or a path (CSV, Parquet, MovieLens folder) |
    | users          | ``"scripted"`` | who is talking: ``"scripted"``, ``"llm"``, or a dict, as for scenario |
    | scenario       | ``"full"``   | ``"full"``, ``"null"``, ``"satiation"``, ``"patience"``, ``"drift"``,
    |                |              | ``"retention"``, ``"noisy"``, ``"context"``, or a dict with ``"name"`` and
    |                |              | parameters to change |
    | encoder        | ``"minilm"`` | sentence encoder; ``"hash"`` needs no model |
    | observation    | ``"flat"``   | ``"flat"``, ``"dict"`` or ``"tabular"`` |
    | conversation   | ``"recency"`` | or ``"sequence"``: the last turns, one by one |
    | history_turns  | ``8``        | T of the sequence |
    | reward         | ``{}``       | reward weights to change |
    | max_turns      | ``20``       | turn budget |
    | n_candidates   | ``12``       | K |
    | masked_actions | ``"raise"``  | or ``"redirect"``: a masked action becomes the best candidate |
    | past           | ``"cold"``   | what people rated before: ``"cold"``, ``"warm"``, ``"heavy"`` or ``"mixed"`` |
    | collaborative  | ``0.0``      | weight of collaborative factors in retrieval, or a dict with ``"weight"`` |
    | render_mode    | ``None``     | ``"ansi"`` or ``"rgb_array"`` |

    ```python
    env = gymnasium.make("ChatRec/Items-v0", encoder="hash", scenario={"name": "full", "patience": 3.0})
    observation, info = env.reset(seed=0)
    observation, reward, terminated, truncated, info = env.step(env.action_space.sample(info["action_mask"]))
    ```

    ## Version History

    * v0: first version.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": list(RENDER_MODES), "render_fps": 1}  # type: ignore[misc]

    _spec: EnvSpec | None = None

    def __init__(self, *, render_mode: str | None = None, **kwargs: Any) -> None:
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ConfigError(
                f"render_mode must be one of {list(RENDER_MODES)} or None, got {render_mode!r}."
            )
        self.render_mode = render_mode
        self.config = EnvConfig.create(kwargs)
        self.task = make_task(self.config)
        self.layout = self.task.layout
        self.observation_space = self.layout.space
        self.action_space = gym.spaces.Discrete(self.task.actions.n)
        self._state: State | None = None
        self._mask: npt.NDArray[np.bool_] = np.zeros((1, self.task.actions.n), np.bool_)
        self._done = True

    @property
    def spec(self) -> EnvSpec | None:
        """How the environment was made; declared nondeterministic where its people are."""
        return self._spec

    @spec.setter
    def spec(self, value: EnvSpec | None) -> None:
        self._spec = declared(value, self.task)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Meet a new person, who speaks first.

        Args:
            seed: The same seed brings the same person in the same mood.
            options: Not used; present because the API has it.

        Returns:
            Observation and info; see the manual page.
        """
        super().reset(seed=seed)
        draws = self.np_random.random(self.task.n_draws)[None]
        self._state = start_batch(self.task, draws)
        self._done = False
        return self._outputs(None)

    def step(self, action: np.int64) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one system turn and hear the answer.

        Raises:
            NotResetError: Before ``reset``, or after the conversation ended.
            IllegalActionError: If the action is outside the space or masked.
        """
        if self._state is None or self._done:
            what = "reset() was never called" if self._state is None else "the conversation has ended"
            raise NotResetError(f"step() needs a conversation under way, but {what}. Call env.reset() first.")
        chosen = (
            np.asarray(action).reshape(1)
            if np.ndim(action) <= 1 and np.size(action) == 1
            else np.asarray(action)
        )
        live = np.ones(1, np.bool_)
        turn = step_batch(
            self.task, self._state, legal_actions(self.config, self.task, chosen, self._mask, live)
        )
        observation, info = self._outputs(turn)
        terminated, truncated = bool(turn.terminated[0]), bool(turn.truncated[0])
        self._done = terminated or truncated
        return observation, float(turn.reward[0]), terminated, truncated, info

    def _outputs(self, turn: Turn | None) -> tuple[Any, dict[str, Any]]:
        assert self._state is not None
        observations, self._mask, _ = observe_batch(self.task, self._state)
        info = {}
        for key, value in batch_info(self.task, self._state, self._mask, turn).items():
            one = value[0]
            info[key] = one if value.ndim > 1 or value.dtype == object else one.item()
        observation: Any = observations[0]
        if self.config.observation == "dict":
            observation = self.layout.split(observation)
        return observation, info

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """Legal actions of this turn, (n,) bool; what sb3-contrib's MaskablePPO asks for.

        Raises:
            NotResetError: Before ``reset``.
        """
        if self._state is None:
            raise NotResetError("No action is legal before reset(). Call env.reset() first.")
        return self._mask[0].copy()

    def reveal(self) -> dict[str, npt.NDArray[Any]]:
        """The person's latent state, for evaluators and planners; never for the agent."""
        if self._state is None:
            raise NotResetError(
                "reveal() needs a person, but reset() was never called. Call env.reset() first."
            )
        return {k: v[0] for k, v in self.task.users.reveal(self._state.people).items()}

    @property
    def state(self) -> State:
        """The kernel state (batch of one), e.g. to branch from for a what-if replay."""
        if self._state is None:
            raise NotResetError("There is no state before reset(). Call env.reset() first.")
        return self._state

    def render(self) -> Any:
        """The conversation so far: text (``"ansi"``) or a picture (H, W, 3) uint8 (``"rgb_array"``)."""
        if self.render_mode is None:
            gym.logger.warn("render() was called, but the environment was made without render_mode.")
            return None
        if self._state is None:
            raise NotResetError(
                "render() needs a conversation, but reset() was never called. Call env.reset()."
            )
        if self.render_mode == "ansi":
            return render_ansi(self.task, self._state, 0)
        return render_rgb(self.task, self._state, 0)
