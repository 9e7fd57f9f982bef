"""``chatrec shaping``: its measures by hand, the bases of rewards, a tiny study and the same again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.base import conversations, decision
from agents.baselines import make_baseline
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.shaping.entries import PAYMENTS, Payment
from experiments.cli.progress import Meter
from experiments.evaluate import measuring
from experiments.evaluate.rollout import meet, people_seeds, run
from experiments.shaping.config import STUDIED, ShapingConfig, base_of, reward_of
from experiments.shaping.measures import PAID, apologies, measure, spread
from experiments.shaping.study import parts_of

TINY = (
    *("--learners", "q_learning", "--seeds", 3, "--turns", 400, "--people", 6, "--final-people", 8),
    *("--planner", "oracle", "--planner-people", 2),
    *("--settings", '{"q_learning": {"parallel": 10}}', "--workers", 1),
)


def test_spread_by_hand() -> None:
    """Two items at a right angle differ by 1, an item from itself by 0; of one item there is no pair."""
    factors = np.array([[1.0, 0.0], [0.0, 2.0]])
    shown = np.array([[0, 1, -1], [0, 0, -1], [0, 0, 1], [1, -1, -1]])
    np.testing.assert_allclose(spread(factors, shown), [1.0, 0.0, 2 / 3, np.nan])


def test_measures_are_those_of_any_evaluation_whatever_is_paid() -> None:
    """Greedy, paid for questions it never asks: the return is that of the default reward."""
    seeds = people_seeds("curve", 0, 40)
    plain, other = (
        EnvConfig(actions="strategy", observation="tabular", encoder="hash", reward=reward_of(name))
        for name in ("click_and_rating", "pay_per_question")
    )
    greedy = make_baseline("greedy", plain)
    told = run(make_task(plain), greedy, seeds)
    found = measure(make_task(other), greedy, seeds, 1.0)
    np.testing.assert_allclose(found["return"], told.ret)
    np.testing.assert_allclose(found["rating"], told.stars)
    np.testing.assert_array_equal(found["turns"], told.turns)
    assert found["questions"].max() == 0
    np.testing.assert_allclose(found[PAID], told.ret)
    assert (np.abs(found["satisfaction"]) <= 1).all()


def test_retention_is_how_often_people_come_back() -> None:
    """In ``retention`` they do; it is the "came back" of ``chatrec compare``."""
    env = EnvConfig(actions="strategy", observation="tabular", encoder="hash", scenario="retention")
    greedy, seeds = make_baseline("greedy", env), people_seeds("curve", 0, 40)
    found = measure(make_task(env), greedy, seeds, 1.0)["retention"]
    other = measuring.measure(make_task(env), greedy, seeds, Meter(quiet=True), "")
    np.testing.assert_array_equal(found, other.columns["returns"])
    assert found.max() > 1


def test_what_counts_as_an_apology() -> None:
    """What meets a complaint or an insult, all of its wordings; not what merely begins politely."""
    task = make_task(EnvConfig(encoder="hash"))
    told = {task.manager.grammar.text(int(i)) for i in apologies(task.manager.grammar)}
    assert {"Sorry about that.", "I'm sorry, I'll try harder.", "Sorry, that isn't a comedy."} <= told
    assert "Sorry, I only read English." not in told


@pytest.mark.long
def test_apologies_of_those_who_meet_complaints() -> None:
    env = EnvConfig(actions="strategy", observation="tabular", encoder="hash", talk="crs", max_turns=10)
    task, greedy, seeds = make_task(env), make_baseline("greedy", env), people_seeds("curve", 0, 20)
    found = measure(task, greedy, seeds, 1.0)
    sorry = set(apologies(task.manager.grammar).tolist())
    for who, seed in enumerate(seeds):
        state, said = meet(task, [seed]), 0
        for _, _, turn in conversations(task, state, lambda _, s: greedy.act(decision(task, s), np.zeros(1))):
            said += bool(sorry & set(turn.system.sentences[0].tolist()))
        assert found["apologies"][who] * found["turns"][who] == pytest.approx(said)
    assert found["apologies"].max() > 0


def test_regret_is_to_the_bayes_planner() -> None:
    planner, env = ShapingConfig().make_planner()
    assert (planner.name, env.actions) == ("bayes-planner", "items")


def test_bases_of_rewards() -> None:
    rewards = {name: reward_of(name) for name in STUDIED}
    assert base_of("sparse+earned", rewards) == "sparse"
    assert base_of("click_and_rating+satisfaction*4", rewards) == "click_and_rating"
    assert rewards["click_and_rating+satisfaction*4"].shaping_scale == 4.0
    assert base_of("pay_per_question", rewards) == STUDIED[0]
    assert base_of(STUDIED[0], rewards) == STUDIED[0]
    scaled = reward_of('{"name": "sparse", "shaping": "knowledge", "shaping_scale": 2}')
    assert base_of("mine", {**rewards, "mine": scaled}) == "sparse"


def test_what_the_numbers_of_a_part_depend_on() -> None:
    rewards = {"click_and_rating": RewardConfig(), "mine": RewardConfig(click=2.0)}
    config = ShapingConfig(rewards=tuple(rewards), learners=("sarsa",), seeds=2)
    first, other = (
        {part.name: part.signature for own in parts_of(config, known).values() for part in own}
        for known in (rewards, {**rewards, "mine": RewardConfig(click=3.0)})
    )
    assert [name for name in first if first[name] != other[name]] == [
        *("sarsa-mine-0", "sarsa-mine-1", "sarsa-mine-before")
    ]


def test_a_part_depends_on_what_ones_own_term_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module of the term is edited under the same name: only what it pays is computed again."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(PAYMENTS, "mine", Payment("edited_rewards:mine", "nothing"))
    rewards = {"click_and_rating": RewardConfig(), "own": RewardConfig(terms={"mine": 1.0})}
    config = ShapingConfig(rewards=tuple(rewards), learners=("sarsa",), seeds=2, planner="none")
    signed = []
    for what in ("0.0", "1.0"):
        (tmp_path / "edited_rewards.py").write_text(
            f"def mine(happened):\n    return {what} * happened.reward\n"
        )
        groups = parts_of(config, rewards).values()
        signed.append({part.name: part.signature for own in groups for part in own})
    monkeypatch.delitem(sys.modules, "edited_rewards")
    first, other = signed
    assert [name for name in first if first[name] != other[name]] == [
        *("sarsa-own-0", "sarsa-own-1", "sarsa-own-before")
    ]


def test_a_tiny_study_and_the_same_again(chatrec: Any, tmp_path: Path) -> None:
    rewards = ("click_and_rating", "sparse", "sparse+engagement")
    command = ("shaping", "--rewards", *rewards, *TINY, "--out", tmp_path / "run", "--json")
    done = chatrec(*command)
    assert done.code == 0, done.err
    table = json.loads(done.out)
    (part,) = table["tables"]
    assert [row["reward"] for row in part["rows"]] == list(rewards)
    assert part["rows"][2]["base"] == "sparse"
    assert "regret" in part["rows"][2]
    # Nobody comes back in this scenario, nor complains: nothing stands for it, and the table says so.
    assert not {"retention", "apologies"} & {*part["measures"], *part["rows"][0]["curve"]}
    assert len(part["rows"][0]["curve"]["return"]) == len(part["turns"])
    again = chatrec(*command)
    assert json.loads(again.out) == table
    assert "q_learning, seed" not in again.err  # finished parts are used again
    page = (tmp_path / "run" / "index.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", "")  # needs nothing from outside
    assert "+engagement" in (tmp_path / "run" / "table.md").read_text(encoding="utf-8")
    told = " ".join(chatrec(*command[:-1]).out.split())
    assert "retention: 0 for all; apologies: 0 for all" in told


def test_a_term_of_ones_own(chatrec: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of docs/shaping.md: a module registers a function, a study names both."""
    (tmp_path / "my_rewards.py").write_text(
        "import numpy as np\n"
        "import chatrec_env\n\n"
        "def quick(happened):\n"
        '    """1 for an item accepted in the first three turns."""\n'
        "    return ((happened.user.click >= 0) & (happened.after.turn <= 3)).astype(np.float64)\n\n"
        'chatrec_env.register_reward_term("quick", "my_rewards:quick", "an item accepted in the first three turns")\n',
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    rewards = ("click_and_rating", '{"terms": {"quick": 1}}')
    done = chatrec(
        "shaping", "--modules", "my_rewards", "--rewards", *rewards, *TINY, "--out", tmp_path / "run"
    )
    monkeypatch.delitem(sys.modules, "my_rewards", raising=False)
    PAYMENTS.pop("quick", None)
    assert done.code == 0, done.err
    assert "quick" in done.out


def test_what_there_is_to_study(chatrec: Any) -> None:
    done = chatrec("shaping", "--list", "--json")
    found = json.loads(done.out)
    assert found["terms"]["true_satisfaction"]["oracle"]
    assert "sparse" in found["rewards"]
    assert "(oracle)" in chatrec("shaping", "--list").out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(("--rewards", "spars"), "Did you mean 'sparse'?", id="no-such-reward"),
        pytest.param(("--rewards", "sparse+knowlege"), "Did you mean 'knowledge'?", id="no-such-potential"),
        pytest.param(("--rewards", "sparse", "sparse"), "each once", id="twice"),
        pytest.param(("--rewards", '{"terms": {"clicks": 1}}'), "No reward term 'clicks'", id="no-such-term"),
        pytest.param(("--learners", "greedy"), "greedy", id="no-learner"),
        pytest.param(("--planner", "bayes"), "Did you mean 'bayes-planner'?", id="no-such-planner"),
        pytest.param(
            ("--scenario", "own_words"), "Or count regret to somebody else: --planner oracle", id="planner"
        ),
        pytest.param(("--settings", '{"ppo": {}}'), "--settings", id="settings-of-nobody"),
        pytest.param(("--modules", "nowhere_to_be_found"), "cannot be imported", id="no-such-module"),
        pytest.param(("--share", "2"), "--share must be in (0, 1]", id="share"),
        pytest.param(("--rewards", "sparse+earned*much"), "expects a number", id="no-scale"),
        pytest.param(("--people", "500"), "--people <= --final-people", id="fewer-in-the-end"),
    ],
)
def test_bad_options_are_refused_at_once(refused: Any, options: tuple[str, ...], says: str) -> None:
    refused(says, "shaping", *options)


def test_learners_without_a_discount_are_refused(refused: Any) -> None:
    refused(
        "lin_ucb has no gamma of its own. Use one of",
        "shaping",
        "--learners",
        "lin_ucb",
        "--actions",
        "items",
    )
    known = ShapingConfig(actions="items").discounting()
    assert "ppo" in known
    assert not {"lin_ucb", "cloning", "thompson", "dqn"} & set(known)
