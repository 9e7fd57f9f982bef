"""Options that several commands share, and what they mean."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from chatrec_env.envs import IDS
from chatrec_env.envs.config import PLAIN, EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.terminal import command_line
from experiments.report.documents import jsonable

OptionalPath = Annotated[Path | None, tyro.conf.arg(metavar="PATH", help_behavior_hint="")]
"""A path that may be left out; the option's own text says what happens then."""

Given = tyro.conf.Suppress[tuple[str, ...]]
"""Field of a command's options, ``given``: names of the options that stood on the command line; set by ``parse``."""

_RULE = re.compile(r"^[│\s]*(?:─{3,}|-{3,})[│\s]*$")

_EDGE = re.compile(r"^[╭╰]─")

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
"""How the parser colours its boxes, from the first sign on, where standard output is a terminal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvOptions:
    """Which conversations are held.

    Attributes:
        env: Environment id: ChatRec/Items-v0 (ask about a facet or recommend a candidate), ChatRec/Strategy-v0
            (choose a strategy) or ChatRec/Slate-v0 (recommend several candidates at once).
        catalog: Name of a built-in catalogue, or a path (CSV, Parquet, MovieLens folder).
        users: Who is talking: scripted, llm, or JSON like '{"name": "llm", "mode": "words"}'.
        scenario: full, null, satiation, patience, drift, retention, noisy, context, own_words, or JSON like
            '{"name": "full", "satiation": 1.2}'.
        talk: How people talk: plain (wishes, answers, verdicts), crs (as to a machine: they ask about items, name
            some, complain, start over) or chat (as to other people).
        encoder: What encodes the conversation: minilm (the language model), hash (fast, for trying things out),
            any other name `chatrec encoders` lists, or JSON like '{"name": "causal", "model": "FOLDER"}'.
        conversation: recency (one weighted mean per role), or sequence (the last turns, one by one).
        history_turns: Turns of the sequence.
        max_turns: Turns after which a conversation is cut off.
        candidates: Candidates on the table each turn.
        slate_size: Items of a slate, for ChatRec/Slate-v0 alone; default: 5.
        rating_history: What people rated before they came: cold (nothing), warm (5 to 15 items), heavy (40 to 100)
            or mixed.
        collaborative: Weight of collaborative factors in retrieval (0: none), or JSON like
            '{"weight": 1, "factors": "path/to/ml-latest-small"}'.
        semantic: Weight of dense retrieval, what is said beyond the slots against the items' texts (0: none).
        themes: What is said beyond the slots is matched with these instead: learned, or a file of fit-themes.
        reward: Name of a reward (docs/shaping.md), or what to change, as JSON like
            '{"ask_cost": 0.1, "shaping": "knowledge"}'.
        given: Names of the options on the command line.
    """

    env: str = "ChatRec/Items-v0"
    catalog: str = "movies"
    users: str = "scripted"
    scenario: str = "full"
    talk: str = PLAIN
    encoder: str = "minilm"
    conversation: str = "recency"
    history_turns: int = 8
    max_turns: int = 20
    candidates: int = 12
    slate_size: Annotated[int | None, tyro.conf.arg(metavar="INT", help_behavior_hint="")] = None
    rating_history: str = "cold"
    collaborative: str = "0"
    semantic: float = 0.0
    themes: str = ""
    reward: str = "{}"
    given: Given = ()

    def config(self, **changes: Any) -> EnvConfig:
        """The environment these options name.

        Args:
            **changes: Keywords that win over the options.

        Raises:
            ConfigError: If a name is unknown or a value out of range.
        """
        keywords = {
            "actions": actions_of(self.env),
            "talk": self.talk,
            "catalog": self.catalog,
            "users": name_or_object(self.users, "--users"),
            "scenario": name_or_object(self.scenario, "--scenario"),
            "encoder": name_or_object(self.encoder, "--encoder"),
            "conversation": self.conversation,
            "history_turns": self.history_turns,
            "max_turns": self.max_turns,
            "n_candidates": self.candidates,
            "slate_size": self.slate_size,
            "rating_history": self.rating_history,
            "collaborative": name_or_object(self.collaborative, "--collaborative", parse_number),
            "semantic": self.semantic,
            "themes": self.themes,
            "reward": name_or_object(self.reward, "--reward"),
        }
        return EnvConfig.create({**keywords, **changes})


KEYWORDS = {"env": "actions", "candidates": "n_candidates"}
"""Options whose keyword of the environment has another name."""


SETTINGS = ("set", "tuned")
"""Options that come as name=value."""


def env_values(asked: EnvConfig, other: EnvConfig) -> dict[str, tuple[Any, Any]]:
    """By option of ``EnvOptions``: what ``asked`` has, and what another environment has."""
    options = (name for name in EnvOptions.__dataclass_fields__ if name != "given")
    keywords = {option: KEYWORDS.get(option, option) for option in options}
    return {option: (getattr(asked, key), getattr(other, key)) for option, key in keywords.items()}


def named_options(config: Any) -> set[str]:
    """Options that were named: on the command line (``config.given``), or by another value than their default."""
    differ = {f.name for f in fields(config) if getattr(config, f.name) != f.default}
    return {*config.given, *differ} & {f.name for f in fields(config)} - {"given"}


def typed(name: str, value: Any) -> str:
    """An option with a value, of the command line or of a run, as one types it: ``"--set gamma=0.5 parallel=25"``."""
    option = f"--{name.replace('_', '-')}"
    if is_dataclass(value) and not isinstance(value, type):
        usual = type(value)()
        value = {f.name: v for f in fields(value) if (v := getattr(value, f.name)) != getattr(usual, f.name)}
    if value is None or value is False or value in ({}, (), ""):
        return f"no {option}"
    if value is True:
        return option
    if isinstance(value, dict):
        pairs = tuple(f"{key}={v if isinstance(v, str) else json.dumps(v)}" for key, v in value.items())
        value = pairs if name in SETTINGS else json.dumps(jsonable(value))
    return command_line(option, *(value if isinstance(value, tuple) else (value,)))


_SETTING = re.compile(r"(\w+)(?:\.(\w+))?(?= (?:must|is|expects)\b)")


def as_typed(message: str, config: type) -> str:
    """An error of a setting with the option that sets it: ``"--max-turns must be 1"`` for ``"max_turns must be 1"``.

    Args:
        message: The error; left as it is unless it begins with a setting that an option of the command sets.
        config: The command's options.
    """
    options = {f.name for f in fields(config) if "Positional" not in str(f.type)}
    known = {name: name for name in options} | {
        key: name for name, key in KEYWORDS.items() if name in options
    }
    setting = _SETTING.match(message)
    whole, part = setting.groups() if setting else ("", None)
    name = known.get(whole) or known.get(part or "") or ("set" if part and "set" in options else "")
    if not name:
        return message
    option = f"--{name.replace('_', '-')}"
    return f"{option}: {message}" if part else option + message[len(whole) :]


def given_options(arguments: Iterable[str]) -> tuple[str, ...]:
    """Names of the options among the arguments of a command: ``--max-turns=3`` is ``"max_turns"``."""
    options = (word.partition("=")[0] for word in arguments if word.startswith("--"))
    return tuple(option.removeprefix("--").replace("-", "_") for option in options)


def actions_of(env_id: str) -> str:
    """The action set of an environment id.

    Raises:
        UnknownNameError: If there is no such id.
    """
    if env_id not in IDS:
        raise UnknownNameError("environment", env_id, IDS)
    return IDS[env_id]


def id_of(env: EnvConfig) -> str:
    """The environment id of a configuration."""
    return next(name for name, actions in IDS.items() if actions == env.actions)


def check_least(config: Any, **least: int) -> None:
    """Refuse options of ``config`` that are below the least they may be.

    Raises:
        ConfigError: Names the first such option.
    """
    for name, low in least.items():
        if getattr(config, name) < low:
            raise ConfigError(
                f"--{name.replace('_', '-')} must be {low} or more, got {getattr(config, name)}."
            )


def same_again(command: str, config: Any, options: Iterable[str]) -> str:
    """The command that gives the same figures: ratings by the last name of their folder, options that differ."""
    words: list[object] = ["chatrec", command, "--ratings", config.ratings.resolve().name]
    for name in options:
        value = getattr(config, name)
        if value != type(config).__dataclass_fields__[name].default:
            # A number of a scale as one types it: 10, not 10.0.
            several = value if isinstance(value, tuple) else (value,)
            words += [
                f"--{name.replace('_', '-')}",
                *(f"{v:g}" if isinstance(v, float) else v for v in several),
            ]
    return command_line(*words)


def name_or_object(
    text: str, option: str, otherwise: Callable[[str, str], Any] = lambda text, _: text
) -> Any:
    """What an option says: a JSON object, or else what ``otherwise`` reads in it, a name."""
    return (parse_object if text.lstrip().startswith(("{", "[")) else otherwise)(text, option)


def parse_number(text: str, option: str) -> float:
    """A number given on the command line.

    Raises:
        ConfigError: If it is none.
    """
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(f"{option} expects a number or JSON, got {text!r}.") from error


def parse_object(text: str, option: str) -> dict[str, Any]:
    """A JSON object given on the command line.

    Raises:
        ConfigError: If it is not one.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{option} expects JSON like '{{\"name\": 1}}', got {text!r}: {error}.") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{option} expects a JSON object, got {text!r}.")
    return value


def parse_settings(
    pairs: tuple[str, ...], option: str = "--set", example: str = "--set learning_rate=0.001"
) -> dict[str, Any]:
    """Settings given with an option as ``name=value``; a value is JSON where it reads as such, otherwise text.

    Raises:
        ConfigError: If one has no ``=``.
    """
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ConfigError(f"{option} expects name=value, got {pair!r}. Example: {example}")
        try:
            settings[name] = json.loads(value)
        except (ValueError, RecursionError):
            settings[name] = value
    return settings


class OptionsError(ConfigError):
    """Options that the parser refused."""


def in_one_line(box: str, command: str) -> str:
    """The text of a box of the parser: what was expected, what came, and where to look.

    Args:
        box: What ``tyro`` writes to standard error: parts between rules, the last of which points to the help.
        command: The subcommand.
    """
    if box.startswith("\x1b"):
        box = _COLOUR.sub("", box)
    parts: list[list[str]] = [[]]
    for line in box.splitlines():
        if _EDGE.match(line):
            continue
        if _RULE.match(line):
            parts.append([])
        elif text := line.strip().strip("│").strip():
            parts[-1].append(text)
    if not box.startswith("╭"):  # drawn in ASCII, where the terminal can do no better: the title is a part
        del parts[0]
    told = " ".join(_before_details(parts[0]))
    more = parts[1] if len(parts) > 1 else []
    option = re.match(r"Error parsing ((?:-|[A-Z]+\b)\S*?): (.*)", told)
    if option and more[:1] == ["Argument helptext:"]:
        came = re.findall(r"'[^']*'", told)
        told = f"expected {' '.join(more[1:2]) or option[1]}, got {came[-1] if came else option[2]}."
    told = re.sub(r"^Error parsing \w+Config: |\.? \(required\)", "", told)
    if more[:1] == ["Perhaps you meant:"]:
        near = [line.split()[0] for line in more if line.startswith("--")]
        told += f". Did you mean {' or '.join(near)}?" if near else "."
    elif not told.endswith("."):
        told += "."
    return f"{told} All options: chatrec {command} --help"


def _before_details(lines: list[str]) -> list[str]:
    """What stands before the parser's own errors, of each type it tried."""
    return lines[: lines.index("Got errors:")] if "Got errors:" in lines else lines
