"""Builds a population by name: what ``users=`` of an environment resolves to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatrec_env.errors import ConfigError

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import SentenceTable
    from simulators.llm.users import LLMUsers
    from simulators.scripted.simulator import ScriptedUsers


def phrases(catalog: Catalog, scenario: Any, options: dict[str, Any]) -> tuple[str, ...]:
    """What people of a scenario say in words of their own, for the grammar; no option matters.

    Raises:
        ConfigError: A parameter is out of range, or the file of notions is missing or damaged.
        UnknownNameError: There is no such scenario or parameter.
    """
    from simulators.notions.record import phrases_of
    from simulators.scenarios.scenario import make_scenario

    return phrases_of(catalog, make_scenario(scenario))


def scripted(catalog: Catalog, table: SentenceTable, scenario: Any, options: dict[str, Any]) -> ScriptedUsers:
    """Scripted people of a scenario; with the option ``population``, people fitted to real ratings.

    Raises:
        ConfigError: Another option was given, or the population is no text.
        UnknownNameError: There is no such population.
    """
    from simulators.scripted.simulator import make_scripted

    population = options.get("population")
    others = sorted(set(options) - {"population"})
    if others:
        raise ConfigError(
            f"Scripted people take no options but population, got {', '.join(others)}. What they are like is the "
            'scenario\'s: scenario={"name": "full", ...}.'
        )
    if population is not None and not isinstance(population, str):
        raise ConfigError(f"population must be a name or the path of a file, got {population!r}.")
    return make_scripted(catalog, table.grammar, scenario, population)


def llm(catalog: Catalog, table: SentenceTable, scenario: Any, options: dict[str, Any]) -> LLMUsers:
    """People of a scenario, or of a fitted population, played by a language model.

    Raises:
        ConfigError: An option is unknown or out of range.
        UnknownNameError: There is no such population.
        ArtifactError: The model, the recording or the population is missing or damaged.
    """
    from simulators.llm.backends import open_backend
    from simulators.llm.config import LLMConfig
    from simulators.llm.users import LLMUsers
    from simulators.population import load_population

    config = LLMConfig.create(options)
    population = load_population(config.population) if config.population else None
    return LLMUsers(catalog, table, scenario, config, open_backend(config), population)
