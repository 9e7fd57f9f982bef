"""Sessions of the service as a log: decisions, chances, impressions, and what they came to."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.base import Decision
from agents.baselines import make_baseline, save_baseline
from agents.export import Export, export_policy, load_export
from agents.serving.served import Choice, Exploring, ServedRule, make_served_policy
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from agents.stochastic import Softness, draw
from chatrec_env.core.kernel import observe_dialogue
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError
from experiments.offline.files import check_sentences, read_log
from experiments.offline.served import served
from tests.agents.serving.conftest import lively_agent

ENV = EnvConfig(encoder="hash", n_candidates=4)


def exported(folder: Path, name: str, explore: float = 0.0) -> Export:
    save_baseline(folder / "saved", make_baseline(name, ENV), ENV)
    return load_export(export_policy(folder / "saved", folder / "exported", explore=explore))


def talk(export: Export, store: Store, *, people: int, typed: bool = False) -> None:
    """Each person says two things, and accepts and likes the first item of a turn that shows some."""
    sessions = Sessions(export, store)
    for _ in range(people):
        name = sessions.open().id
        for words in ("Something funny.", "Not too long, please."):
            reply = sessions.message(name, text=words) if typed else sessions.message(name, sentences=[words])
            if reply.cards:
                sessions.click(name, reply.cards[0].item)
                sessions.rate(name, reply.cards[0].item, 5)


@pytest.mark.slow  # loads the language model that reads what people write
def test_what_a_softened_policy_served_judges_other_policies(chatrec: Any, tmp_path: Path) -> None:
    """Serve, talk, judge: from conversations of people to an estimate with its interval."""
    path = tmp_path / "sessions.sqlite"
    store, export = Store(path), exported(tmp_path, "greedy", explore=0.5)
    assert export.about()["name"] == "greedy:epsilon=0.5"
    talk(export, store, people=6)
    Sessions(export, store).open()  # who says nothing is nobody to learn from
    (source,) = served(path)
    log = source.log()
    turns = log.turns
    assert log.people["turns"].tolist() == [2] * 6
    assert np.array_equal(draw(export.task, turns["chances"], turns["uniform"]), turns["action"])
    legal = turns["mask"].sum(axis=1)
    greedy = turns["chances"].max(axis=1)
    assert greedy == pytest.approx(0.5 + 0.5 / legal)
    assert np.isin(np.round(turns["propensity"], 9), np.round([*greedy, *(0.5 / legal)], 9)).all()
    shown = turns["shown"][:, 0] >= 0
    assert (turns["click"][shown] == 0).all()
    assert turns["reward"][shown] == pytest.approx(1.5)  # a click, and half for five stars
    assert (turns["reward"][~shown] < 0).all()  # questions
    assert log.meta["version"] == export.fingerprint

    done = chatrec("ope", str(path), "greedy:epsilon=0.2", "--json")
    assert done.code == 0, done.err
    (table,) = json.loads(done.out)["tables"]
    assert table["logged"] == "greedy:epsilon=0.5"
    assert table["logged_return"]["mean"] == pytest.approx(log.returns.mean())
    for one in table["estimates"]:
        assert one["interval"]["low"] <= one["interval"]["mean"] <= one["interval"]["high"]

    folder = tmp_path / "log"
    done = chatrec("log", "--store", str(path), "--no-minari", "--out", str(folder))
    assert done.code == 0, done.err
    again = read_log(folder)
    assert np.array_equal(again.turns["chances"], turns["chances"])
    with pytest.raises(ArtifactError, match="Name the store"):
        check_sentences(export.task, again, folder)


@pytest.mark.slow  # the same
def test_every_decision_is_kept_also_of_what_is_typed_and_with_several_policies(tmp_path: Path) -> None:
    path = tmp_path / "sessions.sqlite"
    store = Store(path)
    talk(exported(tmp_path / "one", "greedy"), store, people=1, typed=True)
    talk(exported(tmp_path / "other", "random"), store, people=2)
    logs = {source.about["name"]: source.log() for source in served(path)}
    assert {name: len(log) for name, log in logs.items()} == {"greedy": 1, "random": 2}
    assert (logs["greedy"].turns["propensity"] == 1).all()  # it never draws
    turns = logs["random"].turns
    assert turns["propensity"] == pytest.approx(1 / turns["mask"].sum(axis=1))
    assert logs["random"].texts is not None
    assert logs["random"].texts["heard"][:2] == ["Not too long, please.", ""]


def test_a_softened_policy_is_another_one(tmp_path: Path) -> None:
    plain = exported(tmp_path, "greedy")
    kinds = [Softness(explore=0.05), Softness(explore=0.1), Softness(temperature=0.1), Softness()]
    soft = [plain.softened(kind) for kind in kinds]
    assert [one.softness for one in soft] == kinds
    assert soft[-1] is plain
    assert len({one.fingerprint for one in soft}) == 4
    names = [one.about()["name"] for one in soft]
    assert names == ["greedy:epsilon=0.05", "greedy:epsilon=0.1", "greedy:temperature=0.1", "greedy"]


def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path) -> None:
    for name, script in (("empty", "VACUUM"), ("foreign", "CREATE TABLE t (x)")):
        path = tmp_path / f"{name}.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as file:
            file.executescript(script)
        before = path.read_bytes()
        with pytest.raises(ArtifactError, match="no store of sessions"):
            served(path)
        assert path.read_bytes() == before
        assert [one.name for one in tmp_path.glob(f"{name}*")] == [path.name]


def test_who_cannot_say_its_chances_is_not_softened() -> None:
    class Dicing(ServedRule):
        def choose(self, decision: Any, uniform: float) -> Choice:
            return Choice(0, np.zeros(1, np.float32), None)

    with pytest.raises(ConfigError, match="without --explore"):
        Exploring(Dicing(make_baseline("greedy")), 0.1).choose(None, 0.5)  # type: ignore[arg-type]


def test_a_store_that_tells_nothing(tmp_path: Path, refused: Any) -> None:
    Store(tmp_path / "empty.sqlite").close()
    refused("holds no session", "ope", str(tmp_path / "empty.sqlite"), "greedy")
    refused("one of them", "log", "greedy", "--store", str(tmp_path / "empty.sqlite"))


def choices(export: Export, uniforms: tuple[float, ...]) -> list[Choice]:
    """What a served policy decides at the start of a conversation."""
    dialogue = export.task.manager.open(1)
    observation, mask, view = observe_dialogue(export.task, dialogue)
    start = Decision(task=export.task, observation=observation, mask=mask, dialogue=dialogue, view=view)
    policy = make_served_policy(export)
    return [policy.choose(start, uniform) for uniform in uniforms]


def test_a_network_is_drawn_at_a_temperature_with_chances_that_draw_it_again(tmp_path: Path) -> None:
    lively_agent(ENV).save(tmp_path / "saved")
    export = load_export(export_policy(tmp_path / "saved", tmp_path / "out", explore=0.2, temperature=0.5))
    uniforms = tuple(np.arange(0.05, 1, 0.1))
    found = choices(export, uniforms)
    chances = found[0].chances
    assert chances is not None
    assert export.ranker is not None
    dialogue = export.task.manager.open(1)
    observation, mask, _ = observe_dialogue(export.task, dialogue)
    odds = np.where(mask[0], np.exp(export.ranker.logits(observation[0]).astype(float) / 0.5), 0.0)
    assert chances == pytest.approx(0.8 * odds / odds.sum() + 0.2 * mask[0] / mask[0].sum())
    kept = np.array([json.loads(json.dumps(chances.tolist()))] * len(found))  # as the store keeps them
    again = draw(export.task, kept, np.array(uniforms))
    assert again.tolist() == [one.action for one in found]
    assert len(set(again.tolist())) > 1
    assert {one.action for one in choices(export.softened(Softness()), uniforms)} == {int(chances.argmax())}


def test_a_temperature_near_0_draws_what_is_likeliest(tmp_path: Path) -> None:
    lively_agent(ENV).save(tmp_path / "saved")
    export = load_export(export_policy(tmp_path / "saved", tmp_path / "out"))
    (plain,), (cold,) = (choices(export.softened(Softness(temperature=t)), (0.5,)) for t in (0.0, 1e-300))
    assert plain.chances is not None
    assert cold.chances is not None
    assert plain.chances[plain.action] == 1.0
    assert cold.chances[plain.action] == cold.chances.max() > 0
    assert cold.chances.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--explore", "1.5"), "--explore must lie between 0 and 1, got 1.5", id="explore"),
        pytest.param(("--explore", "nan"), "--explore must lie between 0 and 1, got nan", id="explore-nan"),
        pytest.param(("--temperature", "-1"), "--temperature must lie between 0 and 100", id="temperature"),
        pytest.param(("--temperature", "1e9"), "--temperature must lie between 0 and 100", id="too-warm"),
    ],
)
@pytest.mark.parametrize("command", ["export", "serve"])
def test_softness_out_of_range_is_refused_before_anything_else(
    refused: Any, tmp_path: Path, command: str, arguments: tuple[str, ...], says: str
) -> None:
    refused(says, command, str(tmp_path / "nowhere"), *arguments)


def test_who_has_no_preferences_is_not_exported_at_a_temperature(
    refused: Any, own_run: Path, tmp_path: Path
) -> None:
    told = "q_learning cannot be served with --temperature 1."
    refused(told, "export", own_run, tmp_path / "out", "--agent", "q_learning", "--temperature", "1")
    assert not (tmp_path / "out").exists()
