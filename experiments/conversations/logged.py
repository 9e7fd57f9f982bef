"""A conversation of a log held once more: the same person and draws, and all that comes of it compared with the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import conversations, decision
from chatrec_env.core.kernel import State, Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError
from experiments.cli.options import EnvOptions, env_values, named_options
from experiments.evaluate.evaluate import Contender
from experiments.evaluate.rollout import meet, policy_draws
from experiments.offline.files import MINARI, check_sentences, is_log, read_log
from experiments.offline.logs import PEOPLE, TURNS, Log, Recorder
from experiments.offline.policies import named_policy


def log_at(path: Path) -> Path | None:
    """The folder of a log, from itself or from the Minari dataset in it; None if there is none."""
    around = [place.parent for place in (path, *path.parents) if place.name == MINARI]
    return next((place for place in (path, *around) if is_log(place)), None)


def logged_conversation(folder: Path, episode: int, options: EnvOptions) -> tuple[Contender, Log]:
    """The policy of a log where it acted, and one of the log's conversations.

    Args:
        folder: Of the log.
        episode: Which conversation, from 0; the Minari dataset counts alike.
        options: Those of the environment that are named must be the log's.

    Raises:
        ConfigError: There is no such conversation, its person cannot be met again, or an option is not the log's.
        ArtifactError: The log is damaged; or the catalogue or the policy are not what they were.
    """
    log = read_log(folder)
    if not 0 <= episode < len(log):
        raise ConfigError(
            f"{folder} has {len(log):,} conversations, so there is no episode {episode}. Use --episode 0 to "
            f"{len(log) - 1}."
        )
    unknown = {
        "served": "is of people who were served, and nobody knows what they would have done",
        "environment": "was logged by an environment, which drew its people from generators that went on",
    }
    for mark, told in unknown.items():
        if log.meta.get(mark, False):
            raise ConfigError(f"{folder} {told}. Name a log that `chatrec log POLICY` held.")
    env, named = EnvConfig.create(log.meta["env"]), named_options(options)
    for option, (came, has) in env_values(options.config(), env).items():
        if option in named and came != has:
            raise ConfigError(
                f"--{option.replace('_', '-')} {came} is not what {folder} was logged with: {has}. Leave the option "
                "out."
            )
    task, policy = make_task(env), named_policy(log.meta["policy"], env)
    digests = {
        "the catalogue": (log.meta["catalog"], task.manager.catalog.digest),
        f"the policy {policy.name}, or this version of chatrec,": (log.meta["version"], policy.version),
    }
    for what, (then, now) in digests.items():
        if then != now:
            raise ArtifactError(
                f"{folder} cannot be held again: {what} is another one than was logged (digest {now[:16]}, then "
                f"{then[:16]}). Restore it, or log again."
            )
    check_sentences(task, log, folder)
    return Contender(policy.name, policy.policy, env, policy.env is not None), log.select(np.array([episode]))


def held_again(task: Task, log: Log, at: int) -> State:
    """The state before turn ``at`` (from 1) of a logged conversation, all of which is held once more and compared.

    Args:
        task: Of the log's environment.
        log: Of one conversation.
        at: The turn.

    Raises:
        ConfigError: The conversation was over before that turn.
        ArtifactError: Something is not, bit for bit, as it was logged.
    """
    n = int(log.people["turns"][0])
    if at > n:
        raise ConfigError(
            f"The conversation ended with turn {n}, so there is no turn {at}. Use --turn 1 to {n}."
        )
    seeds = [int(log.people["seed"][0])]
    state, uniforms = meet(task, seeds), policy_draws(seeds, task.manager.max_turns)
    recorder, before = Recorder(task), list[State]()
    recorder.begin(seeds, state.dialogue)

    def act(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[Any]:
        turn, seen = int(state.dialogue.turn[0]), decision(task, state)
        _compare("candidates", turn, log.turns["candidates"][turn], state.dialogue.candidates[0])
        _compare("mask", turn, log.turns["mask"][turn], seen.mask[0])
        before.append(state.copy())
        return recorder.choose(rows, state, log.turns["chances"][turn][None], uniforms[:, turn], seen)

    for turn, (_, _, came) in enumerate(conversations(task, state, act)):
        recorder.came(came)
        again = recorder.log(log.meta)
        for key in PEOPLE.keys() - {"turns"} if turn == 0 else ():
            _compare(key, turn, log.people[key][0], again.people[key][0])
        for (
            key
        ) in TURNS:  # a conversation that ends earlier or later here differs in "terminated" or "truncated"
            _compare(key, turn, log.turns[key][turn], again.turns[key][turn])
    return before[at - 1]


def _compare(key: str, turn: int, logged: npt.NDArray[Any], found: npt.NDArray[Any]) -> None:
    if not np.array_equal(logged, found):
        raise ArtifactError(
            f"The logged conversation takes another course here: at turn {turn + 1}, {key!r} was {logged.tolist()}, "
            f"now it is {found.tolist()}. The log is of another version of chatrec, or a file that its environment "
            "names (scenario, themes, model) was changed. Restore it, or log again."
        )
