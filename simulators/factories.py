"""Builds a population by name: what ``users=`` of an environment resolves to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatrec_env.errors import ConfigError

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import SentenceTable
    from simulators.llm.users import LLMPeople
    from simulators.scripted import ScriptedPeople


def scripted(
    catalog: Catalog, table: SentenceTable, scenario: Any, options: dict[str, Any]
) -> ScriptedPeople:
    """Scripted people of a scenario.

    Raises:
        ConfigError: Options were given; scripted people have none.
    """
    from simulators.scripted import make_scripted

    if options:
        raise ConfigError(
            f"Scripted people take no options, got {', '.join(sorted(options))}. What they are like is the scenario's: "
            'scenario={"name": "full", ...}.'
        )
    return make_scripted(catalog, table.grammar, scenario)


def llm(catalog: Catalog, table: SentenceTable, scenario: Any, options: dict[str, Any]) -> LLMPeople:
    """People of a scenario, played by a language model.

    Raises:
        ConfigError: An option is unknown or out of range.
        ArtifactError: The model or the recording is missing or damaged.
    """
    from simulators.llm.backends import open_backend
    from simulators.llm.config import LLMConfig
    from simulators.llm.users import LLMPeople

    config = LLMConfig.create(options)
    return LLMPeople(catalog, table, scenario, config, open_backend(config))
