"""Builds tasks from configurations; equal configurations on unchanged files share one task in a process."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.core.actions import ACTIONS
from chatrec_env.core.kernel import Task
from chatrec_env.core.observations import ObservationLayout
from chatrec_env.core.rating_history import RatingHistoryPlan
from chatrec_env.core.user_simulator import Experienced, make_users, own_phrases
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.envs.config import PLAIN, EnvConfig
from chatrec_env.errors import ConfigError
from chatrec_env.language import Grammar, Parser, SentenceTable, make_encoder
from chatrec_env.language.encoders.base import gives_states
from chatrec_env.language.message_reader import MessageReader
from chatrec_env.retrieval.collaborative import CollaborativeConfig
from chatrec_env.retrieval.dense import DenseIndex
from chatrec_env.retrieval.retriever import RetrievalConfig
from chatrec_env.retrieval.theme_files import load_themes

KEPT = 16
"""Tasks kept ready although no environment uses them now: a sweep over thousands of settings shall not fill the
memory with tasks it is done with."""

_TASKS: WeakValueDictionary[str, Task] = WeakValueDictionary()
_RECENT: OrderedDict[str, Task] = OrderedDict()
_LOCK = threading.RLock()


def shared_table(
    catalog: str,
    encoder: str | dict[str, Any],
    talks: bool = False,
    means: bool = False,
    phrases: tuple[str, ...] = (),
    themes: str = "",
) -> tuple[Catalog, SentenceTable]:
    """The catalogue and its sentence table: one per process, catalogue, encoder, way to read and phrases.

    Where people talk, the learned reader reads their sentences, on the states of MiniLM whatever the encoder is. Where
    they mean more than their slots, sentences are matched with the items, or with themes.
    """
    key = json.dumps(encoder, sort_keys=True)
    return _shared_table(load_catalog(catalog), key, talks, means, phrases, _signed(themes))


@lru_cache(maxsize=8)
def _shared_table(
    items: Catalog,
    encoder: str,
    talks: bool,
    means: bool,
    phrases: tuple[str, ...],
    themes: tuple[str, float],
) -> tuple[Catalog, SentenceTable]:
    grammar, own = Grammar(items, phrases=phrases), make_encoder(json.loads(encoder))
    learned = load_themes(themes[0], items, own.name) if themes[0] else None
    index = DenseIndex(items, grammar, own, progress=True, themes=learned) if means else None
    table = SentenceTable(grammar, Parser(items), own, matcher=index)
    if talks:
        states = table.encoder if gives_states(table.encoder) else make_encoder("minilm")
        table.reader = MessageReader(table.parser, states)
    return items, table


def _signed(file: str) -> tuple[str, float]:
    """A file and when it was changed; it is read anew when it was."""
    there = Path(file)
    return file, there.stat().st_mtime if file and there.is_file() else 0.0


def named_files(config: EnvConfig) -> list[Path]:
    """The files and folders beside the catalogue that a configuration names and that are there, by absolute path."""
    blend, users = CollaborativeConfig.create(config.collaborative), config.users
    named = [blend.factors, config.themes, users.get("population") if isinstance(users, dict) else None]
    named += [config.scenario.get("notion_file")] if isinstance(config.scenario, dict) else []
    files = [Path(name).absolute() for name in named if isinstance(name, str) and name]
    return [file for file in files if file.exists()]


def _sources(config: EnvConfig, catalog: Catalog) -> str:
    """What the names in a configuration stand for now: files get edited, and relative paths moved away from."""
    stats = [(str(file), file.stat()) for file in named_files(config)]
    return json.dumps([catalog.digest, [(file, stat.st_mtime_ns, stat.st_size) for file, stat in stats]])


def talking(config: EnvConfig) -> str | dict[str, Any]:
    """The scenario, with how people talk where they do not talk plainly."""
    if config.talk == PLAIN:
        return config.scenario
    named = config.scenario if isinstance(config.scenario, dict) else {"name": config.scenario}
    return {**named, "talk": config.talk}


def make_task(config: EnvConfig) -> Task:
    """The task of a configuration; built when no environment of the same make is in use or was lately.

    An edited catalogue, population or factors file makes another task; environments made before keep theirs.

    Raises:
        ChatRecError: If a keyword names something unknown or out of range.
    """
    with _LOCK:
        talks = config.talk != PLAIN
        phrases = own_phrases(config.users, load_catalog(config.catalog), talking(config))
        means = config.semantic > 0
        catalog, table = shared_table(config.catalog, config.encoder, talks, means, phrases, config.themes)
        key = f"{config.key()} {_sources(config, catalog)}"
        task = _TASKS.get(key)
        if task is None:
            users = make_users(config.users, catalog, table, talking(config))
            rating_history = RatingHistoryPlan(config.rating_history, catalog.n_items)
            if rating_history.draws and not isinstance(users, Experienced):
                raise ConfigError(
                    f"Users {users.name!r} have no rating history: rating_history must be 'cold', "
                    f"got {config.rating_history!r}."
                )
            blend = CollaborativeConfig.create(config.collaborative)
            factors = None
            if blend.weight > 0:
                from chatrec_env.retrieval.factor_fitting import open_factors

                factors = open_factors(blend, users, catalog)
            manager = DialogueManager(
                catalog,
                table,
                n_candidates=config.n_candidates,
                max_turns=config.max_turns,
                slate_size=config.shown,
                retrieval=RetrievalConfig(collaborative=blend.weight, semantic=config.semantic),
                factors=factors,
                talks=talks,
            )
            task = _TASKS[key] = Task(
                manager=manager,
                users=users,
                actions=ACTIONS[config.actions](manager),
                layout=ObservationLayout(
                    manager, config.observation, config.conversation, config.history_turns
                ),
                reward=config.reward,
                key=key,
                rating_history=rating_history,
            )
        _RECENT[key] = task
        _RECENT.move_to_end(key)
        while len(_RECENT) > KEPT:
            _RECENT.popitem(last=False)
        return task
