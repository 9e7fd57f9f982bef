"""The check of simulators: figures worked by hand, and the command."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.forms import Form
from experiments.cli.progress import Meter
from experiments.evaluate.stats import Interval
from experiments.simulator.checking.classifier import (
    corrected,
    fit_logistic,
    surfaces,
    told_apart,
    whole,
    with_wishes,
)
from experiments.simulator.checking.dialogues import Dialogue, note, read_real
from experiments.simulator.checking.held import ERRORS, Held, meant_by
from experiments.simulator.checking.manner import (
    BY_TURN,
    DISTANCES,
    Manner,
    distance,
    first_mentions,
    polite,
    variation,
    window_variety,
)
from experiments.simulator.checking.reliability import (
    blame,
    difference,
    real_extremes,
    realism_against_reliability,
    with_itself,
)
from experiments.simulator.checking.rows import RELIABILITY, row

QUIET = Meter(quiet=True)
MARKED = (
    "SYSTEM\tWhat do you like?\tX\t\nUSER\tI like comedies.\tX\t3\nUSER\tAnd no horror.\tX\t3\n"
    "SYSTEM\tWhy?\tX\t\nUSER\tIt is funny.\tX\t3\nUSER\tOVERALL\tX\t2,3,2\n\n"
    "USER\tI loved Goodfellas.\tX\t3\nUSER\tOVERALL\tX\t3,3,4\n"
)


def arena(system: str, frustrated: bool) -> dict[str, Any]:
    lines = [("USER", "a comedy please"), ("AGENT", "Heat?"), ("USER", "ok, I'll watch it")]
    return {
        "agent": {"id": system},
        "conversation": [{"participant": who, "utterance": text} for who, text in lines],
        "metadata": {"sentiment": "frustrated" if frustrated else "satisfied"},
    }


def test_real_dialogues_with_marks(tmp_path: Path) -> None:
    (tmp_path / "dialogues-dev.tsv").write_text(f"{MARKED}\n{MARKED}", encoding="utf-8")
    one, two = read_real(tmp_path)[:2]
    assert one.said == ["I like comedies. And no horror.", "It is funny."]  # lines in a row are one turn
    assert (one.frustrated, two.frustrated) == (True, False)  # means of 7/3 and 10/3, 3 is neither
    assert one.system == ""


def test_real_dialogues_of_several_systems(tmp_path: Path) -> None:
    told = [arena("good", i < 3) for i in range(10)] + [arena("bad", i < 9) for i in range(10)]
    told[0]["agent"] = "good"  # as DialogueKit writes it
    (tmp_path / "arena.json").write_text(json.dumps(told), encoding="utf-8")
    found = read_real(tmp_path)
    assert found[0].said == ["a comedy please", "ok, I'll watch it"]
    ends = real_extremes(found)
    assert (ends["best"].mean, ends["worst"].mean, ends["worst"].n) == (0.3, 0.9, 10)


def test_what_holds_no_dialogues_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="No dialogues at"):
        read_real(tmp_path)
    (tmp_path / "x.json").write_text('[{"agent": "a"}]', encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"x\.json holds no dialogues that can be read"):
        read_real(tmp_path)


def test_the_published_figures_stand_in_where_no_system_is_known() -> None:
    ends = real_extremes([Dialogue(["hi"])])
    assert ends["best"].mean == pytest.approx(0.5, abs=0.01)
    assert ends["worst"].mean == pytest.approx(0.9, abs=0.01)


def test_what_is_noted_of_a_dialogue() -> None:
    comedy, horror = (
        ParsedAct(UserAct.WANT, value=1, polarity=1),
        ParsedAct(UserAct.AVOID, value=2, polarity=-1),
    )
    dialogue = Dialogue(["a", "b", "c", "d"])
    note(dialogue, [[comedy], [comedy, horror], [ParsedAct(UserAct.THANK)], [ParsedAct(UserAct.ACCEPT)]])
    assert first_mentions(dialogue.wishes) == [0, 1]
    assert dialogue.took == 3


def test_front_loading_and_the_place_of_wishes() -> None:
    wishes = [frozenset({(1,)}), frozenset({(1,), (2,)}), frozenset(), frozenset({(3,)})]
    dialogue = Dialogue(["w w", "w w w w", "w", "w"], wishes=wishes, acts=[frozenset()] * 4)  # type: ignore[arg-type]
    figures = Manner([dialogue]).means
    early, stated = figures["wishes in the first turns"]
    assert (early[0], stated[0]) == (2, 3)
    assert figures["place of a wish"][0][0] == pytest.approx(0 / 3 + 1 / 3 + 3 / 3)
    assert figures["variation of length"][0][0] == pytest.approx(math.sqrt(1.5) / 2)  # lengths 2, 4, 1, 1


@pytest.mark.parametrize(
    ("text", "courtesy"),
    [("Could you find me one?", True), ("thanks!", True), ("a comedy", False), ("pleased to", False)],
)
def test_words_of_courtesy(text: str, courtesy: bool) -> None:
    assert polite(text) is courtesy


def test_variety_in_a_moving_window() -> None:
    # windows: a b a (2 of 3), b a c (3 of 3)
    total, windows = window_variety(["a", "b", "a", "c"], 3)
    assert (round(total, 6), windows) == (round(5 / 3, 6), 2)
    assert window_variety(["a", "b"], 3) == (0.0, 0)
    assert math.isnan(variation([4]))


def test_logistic_regression_finds_the_line() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    score = fit_logistic(x, x[:, 1] > 0)
    found = score(np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [5.0, 0.1, -5.0]]))
    assert found[0] > 3
    assert found[1] < -3
    assert abs(found[2]) < found[0]


def test_what_differs_is_told_apart_and_what_does_not_is_not() -> None:
    rng = np.random.default_rng(1)
    one, same, other = ([rng.normal(m, 1, size=(4, 3)) for _ in range(60)] for m in (0, 0, 2))
    assert told_apart(one, other, 2, 0).mean > 0.95
    chance = told_apart(one, same, 2, 0)
    assert chance.low < 0.5 < chance.high
    assert math.isnan(told_apart(one[:3], other, 2, 0).mean)  # fewer than folds


def test_folds_share_their_rows() -> None:
    """Variance 0.01, three folds, a test row for four of training: sqrt((1/3 + 1/4) 0.01), times t(2) = 4.303."""
    found = corrected(np.array([0.6, 0.7, 0.8]), 1 / 4, 20)
    assert found.mean == pytest.approx(0.7)
    assert found.high - found.mean == pytest.approx(
        min(4.3027 * math.sqrt((1 / 3 + 1 / 4) * 0.01), 0.3), abs=1e-4
    )


def test_features_of_dialogues() -> None:
    dialogues = [Dialogue(["Hi there!", "a comedy?"], wishes=[frozenset(), frozenset({(1, 0, 0, 0, 1)})])]
    told = surfaces(dialogues)
    assert told[0].shape[0] == 2
    assert with_wishes(dialogues, told)[0].shape[0] == 1
    (row_,) = whole(told)
    assert row_.shape == (1, 2 * told[0].shape[1] + 1)
    assert row_[0, -1] == pytest.approx(math.log(2))


def test_distances_have_a_floor() -> None:
    short = [Dialogue(["one two"] * 3, acts=[frozenset({UserAct.WANT})] * 3, wishes=[frozenset()] * 3)] * 8
    long = [Dialogue(["one two three four"], acts=[frozenset({UserAct.LEAVE})], wishes=[frozenset()])] * 8
    real, simulated = Manner(short), Manner(long)
    assert distance(DISTANCES["acts"], real, None, 0).mean == 0
    assert distance(DISTANCES["acts"], real, simulated, 0).mean == 1
    assert distance(DISTANCES["length of turns"], real, simulated, 0).mean == 1
    depth = distance(DISTANCES["depth of the first acceptance"], real, simulated, 0)
    assert math.isnan(depth.mean)  # nobody accepts


def test_distances_turn_by_turn() -> None:
    """Both begin with a wish in two words; real people then thank in one word, simulated ones go on wishing in two."""
    want, thank = frozenset({UserAct.WANT}), frozenset({UserAct.THANK})
    none: list[Any] = [frozenset()] * 2
    real = Manner([Dialogue(["one two", "thanks"], acts=[want, thank], wishes=none)] * 8)
    simulated = Manner([Dialogue(["one two", "three four"], acts=[want, want], wishes=none)] * 8)
    found = {name: distance(compared, real, simulated, 0).mean for name, compared in BY_TURN.items()}
    assert (found["acts, turn 1"], found["length, turn 1"]) == (0, 0)
    assert (found["acts, turn 2"], found["length, turn 2"]) == (1, 1)
    assert math.isnan(found["acts, turn 3"])  # nobody is there any more
    assert distance(BY_TURN["acts, turn 2"], real, None, 0).mean == 0
    assert real.acts.sum(1)[0, int(UserAct.WANT)] == 1  # turns together


def test_a_ranking_agrees_with_itself_where_systems_differ() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(3, 100))
    assert with_itself(noise + np.array([[0.0], [5.0], [10.0]]), 0).mean == 1
    assert abs(with_itself(noise, 0).mean) < 0.9


def test_the_difference_of_two_shares() -> None:
    found = difference(Interval(0.9, 0.8, 0.95, 50), Interval(0.5, 0.4, 0.6, 90))
    assert found.mean == pytest.approx(0.4)
    assert found.low == pytest.approx(0.4 - math.hypot(0.1, 0.1))
    assert found.high == pytest.approx(0.4 + math.hypot(0.05, 0.1))


def test_whose_errors_unhappy_people_met() -> None:
    columns = {name: np.zeros(5) for name in ERRORS}
    columns["unhappy"] = np.array([1.0, 1, 1, 1, 0])
    columns["contradicts"][[0, 2, 4]] = 1  # the simulator's
    columns["asks again"][[1, 2]] = 1  # the system's
    found = blame(Held(columns, []))
    assert found is not None
    assert [
        found[f"of {who}"].mean for who in ("the simulator alone", "the system alone", "both", "neither")
    ] == [0.25] * 4
    assert blame(Held({**columns, "unhappy": np.zeros(5)}, [])) is None


def test_what_a_message_is_meant_to_say() -> None:
    table = make_task(EnvConfig(encoder="hash")).manager.table
    grammar, catalog = table.grammar, load_catalog("movies")
    comedy, horror = (catalog.value_names.index(name) for name in ("comedy", "horror"))
    want, avoid = int(grammar.ids(Form.WANT, comedy)), int(grammar.ids(Form.AVOID, horror))
    told = meant_by(table, [want, avoid])
    assert told.wishes == {(comedy, 1), (horror, -1)}
    assert (told.says, told.asks) == (True, False)
    assert not meant_by(table, [int(grammar.ids(Form.SMALL_TALK))]).says
    assert meant_by(table, [int(grammar.ids(Form.DROP, comedy))]).dropped == (comedy,)
    assert meant_by(table, [int(grammar.ids(Form.ASK_PLOT))]).asks


def test_realism_beside_reliability() -> None:
    cells = {
        name: Interval(value, math.nan, math.nan, 9) for name, value in (("a", 0.1), ("b", 0.5), ("c", 0.9))
    }
    rows = [row(RELIABILITY, "", "mean with the others", "", cells)]
    apart = {
        "a": {"mean": 0.7},
        "b": {"mean": 0.8},
        "c": {"mean": 0.9},
    }  # the less like people, the more they agree
    assert realism_against_reliability(apart, rows) == {"simulators": 3, "spearman": -1.0}


def test_the_system_that_is_added_is_not_counted_among_those_named(refused: Any) -> None:
    told = "at least 3 systems, got greedy, beside the system 'deaf' that is added. Name more"
    refused(told, "eval-simulator", "greedy")
    refused(
        "at least 3 systems, got greedy, random. Name more",
        "eval-simulator",
        "greedy",
        "random",
        "--env",
        "ChatRec/Strategy-v0",
    )


def test_the_command(chatrec: Any, tmp_path: Path) -> None:
    (tmp_path / "dialogues-dev.tsv").write_text("\n".join([MARKED] * 6), encoding="utf-8")
    options = ("--simulators", "talk=plain", "scenario=null", "--people", 12, "--max-turns", 6, "--seeds", 1)
    done = chatrec(
        "eval-simulator",
        "greedy",
        "random",
        *options,
        "--dialogues",
        tmp_path,
        "--vectors",
        "hash",
        "--out",
        "run",
        "--track",
        "tensorboard",
    )
    assert done.code == 0, done.err
    assert any(Path("run/tensorboard").iterdir())
    for title in ("Realism: like real people?", "Reliability: a judge of systems", "Errors: whose are they?"):
        assert title in done.out
    document = json.loads(Path("run/table.json").read_text())
    assert document["systems"] == ["greedy", "random", "deaf"]
    assert {r["kind"] for r in document["rows"]} == {"realism", "reliability", "errors"}
    (apart,) = (r["cells"] for r in document["rows"] if r["measure"] == "messages, by meaning")
    assert set(apart) == {"real halves", "talk=plain", "scenario=null"}
    logged = [json.loads(line) for line in Path("run/metrics.jsonl").read_text().splitlines()]
    told = [line["row"].strip() for line in logged if line["event"] == "row"]
    assert [r["measure"] for r in document["rows"] if r["measure"] not in told] == []
    for kind in ("realism", "reliability", "errors"):
        assert Path(f"run/{kind}.csv").exists()
    assert Path("run/turns.svg").exists()
    first = next(r for r in document["rows"] if r["measure"] == "acts, turn 1")
    assert set(first["cells"]) == {"real halves", "talk=plain", "scenario=null"}
    page = Path("run/index.html").read_text()
    assert "data:image/png;base64," in page
    assert page.index("Realism: like") < page.index("Reliability: a judge") < page.index("Errors: whose")


def test_a_language_model_that_turns_wishes_round_is_found_out(
    chatrec: Any, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulators.llm.wording.turns import Spoken
    from simulators.llm.wording.writer import Writer

    def contrary(self: Writer, turns: Sequence[Spoken]) -> None:
        for turn in turns:
            texts = [self.table.grammar.text(s) for s in turn.sentences]
            turn.texts = [re.sub(r".*\b(comedy|drama)\b.*", r"No \1, please.", text) for text in texts]

    people = 'users={"name": "llm", "backend": "rules", "mode": "words"}'
    options = ("greedy", "random", "--simulators", people, "--people", 10, "--max-turns", 4, "--json")
    assert _errors(chatrec("eval-simulator", *options).out)["contradicts"] == 0
    monkeypatch.setattr(Writer, "word", contrary)
    assert _errors(chatrec("eval-simulator", *options, "--seed", 1).out)["contradicts"] > 0


def _errors(out: str) -> dict[str, float]:
    rows = [r for r in json.loads(out)["rows"] if r["part"] == "of the simulator"]
    return {r["measure"]: next(iter(r["cells"].values()))["mean"] for r in rows}


def test_without_real_dialogues_nothing_is_said_about_realism(chatrec: Any) -> None:
    options = ("--simulators", "talk=plain", "--people", 6, "--max-turns", 4, "--json")
    document = json.loads(chatrec("eval-simulator", "greedy", "random", *options).out)
    assert {r["kind"] for r in document["rows"]} == {"reliability", "errors"}
    assert document["realism_and_reliability"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--replay",), "name these with --users", id="replay"),
        pytest.param(("--simulators", "talk=plain", "talk=plain"), "Name each simulator once", id="twice"),
        pytest.param(("--simulators", "talk=plainer"), "plainer", id="unknown"),
        pytest.param(("--dialogues", "nowhere"), "No dialogues at nowhere", id="dialogues"),
    ],
)
def test_what_cannot_be_checked(refused: Any, arguments: Any, says: str) -> None:
    refused(says, "eval-simulator", *arguments)
