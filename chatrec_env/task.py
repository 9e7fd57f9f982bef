"""Builds tasks from configurations; equal configurations share one task in a process."""

from __future__ import annotations

import json
import threading
from functools import lru_cache
from typing import Any

from chatrec_env.actions import ActionSet, ItemActions, StrategyActions
from chatrec_env.assistant import Assistant
from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.collaborative import CollaborativeConfig
from chatrec_env.config import EnvConfig
from chatrec_env.errors import ConfigError
from chatrec_env.kernel import Task
from chatrec_env.language import Grammar, Parser, SentenceTable, make_encoder
from chatrec_env.observations import ObservationLayout
from chatrec_env.past import PastPlan
from chatrec_env.people import Experienced, make_users
from chatrec_env.retrieval import RetrievalConfig

_TASKS: dict[str, Task] = {}
_LOCK = threading.RLock()


def shared_table(catalog: str, encoder: str | dict[str, Any]) -> tuple[Catalog, SentenceTable]:
    """The catalogue and its sentence table: one per process, catalogue and encoder."""
    return _shared_table(catalog, json.dumps(encoder, sort_keys=True))


@lru_cache(maxsize=8)
def _shared_table(catalog: str, encoder: str) -> tuple[Catalog, SentenceTable]:
    items = load_catalog(catalog)
    return items, SentenceTable(Grammar(items), Parser(items), make_encoder(json.loads(encoder)))


def make_task(config: EnvConfig) -> Task:
    """The task of a configuration, built once per process.

    Raises:
        ChatRecError: If a keyword names something unknown or out of range.
    """
    with _LOCK:
        key = config.key()
        if key not in _TASKS:
            catalog, table = shared_table(config.catalog, config.encoder)
            users = make_users(config.users, catalog, table, config.scenario)
            past = PastPlan(config.past, catalog.n_items)
            if past.draws and not isinstance(users, Experienced):
                raise ConfigError(
                    f"Users {users.name!r} have no past: past must be 'cold', got {config.past!r}."
                )
            blend = CollaborativeConfig.create(config.collaborative)
            factors = None
            if blend.weight > 0:
                from chatrec_env.factor_fitting import open_factors

                factors = open_factors(blend, users, catalog)
            assistant = Assistant(
                catalog,
                table,
                n_candidates=config.n_candidates,
                max_turns=config.max_turns,
                retrieval=RetrievalConfig(collaborative=blend.weight),
                factors=factors,
            )
            actions: ActionSet = (
                ItemActions(assistant) if config.actions == "items" else StrategyActions(assistant)
            )
            _TASKS[key] = Task(
                assistant=assistant,
                users=users,
                actions=actions,
                layout=ObservationLayout(
                    assistant, config.observation, config.conversation, config.history_turns
                ),
                reward=config.reward,
                key=key,
                past=past,
            )
        return _TASKS[key]
