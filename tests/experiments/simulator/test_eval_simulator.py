"""The comparison of simulators, with a model made of rules in place of a language model."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.errors import ConfigError
from chatrec_env.language import Parser
from chatrec_env.language.acts import UserAct
from experiments.cli.progress import Meter
from experiments.report.documents import read_document
from experiments.report.runlog import Run
from experiments.simulator.real_people import raters_of, read_raters, read_talk
from simulators.ratings import Ratings

QUICK = ("--people", 6, "--max-turns", 4, "--probe-items", 6)
QUIET = Meter(quiet=True)


def users(**options: Any) -> str:
    return json.dumps({"name": "llm", "backend": "rules", **options})


def rows(told: str) -> dict[str, dict[str, Any]]:
    return {row["measure"]: row for row in json.loads(told)["rows"]}


def test_the_comparison_from_end_to_end(chatrec: Any, rules: Any) -> None:
    run = ("eval-simulator", *QUICK, "--users", users(recording="r.jsonl"), "--json", "--out", "run")
    done = chatrec(*run)
    assert done.code == 0, done.err
    found = rows(done.out)
    # The wording is repeated, the judgement is the model's: all differences come from that.
    assert found["AUC"]["llm"]["mean"] > 0.8
    assert found["AUC, model alone"]["llm"]["mean"] > 0.8
    assert found["good less random"]["scripted"]["mean"] > 0.3
    assert found["good less random"]["llm"]["mean"] > 0.1
    assert found["same question twice"]["difference"]["mean"] == 0
    leaks = found["dialogues with a leak"]["llm"]
    assert (leaks["mean"], leaks["n"], leaks["high"]) == (0, 6, pytest.approx(0.39, abs=0.01))  # Wilson
    assert found["fell back"]["llm"]["mean"] == found["turned down"]["llm"]["mean"] == 0
    assert found["seconds"]["llm"]["mean"] > 0
    assert found["acts"]["scripted"] is None  # no real people here
    assert found["acts"]["difference"]["mean"] <= 1
    lines = [line.split("\t") for line in Path("run/wordings.tsv").read_text().splitlines()]
    assert lines[0] == ["person", "heard", "act", "scripted", "said", "by"]
    assert lines[1][:2] == ["0", ""]
    assert lines[1][2].startswith("say ")
    assert {by for *_, by in lines[1:]} == {
        "scripted",
        "grammar",
    }  # without slips it is another of its wordings
    repeated = [scripted == said for _, _, _, scripted, said, _ in lines[1:]]
    assert np.mean(repeated) > 0.8  # this model repeats what was meant, without its slips
    page = Path("run/index.html").read_text()
    assert "data:image/png;base64," in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert read_document(Path("run/table.json"))["rows"] == json.loads(done.out)["rows"]
    assert Run.open(Path("run")).status == "finished"
    assert Path("run/simulators.png").read_bytes().startswith(b"\x89PNG")
    # The same again: nothing is asked twice; and from the recording alone, not even the backend is there.
    asked = rules.asked
    assert json.loads(chatrec(*run).out)["rows"] == json.loads(done.out)["rows"]
    assert rules.asked == asked
    replayed = chatrec(*run, "--replay")
    assert replayed.code == 0, replayed.err
    assert json.loads(replayed.out)["rows"] == json.loads(done.out)["rows"]
    other = chatrec(*run, "--seed", 1)
    assert (other.code, "run of other options" in other.err) == (2, True)


def test_in_mode_words_the_decisions_are_the_scripted_ones(chatrec: Any, rules: Any) -> None:
    done = chatrec("eval-simulator", *QUICK, "--users", users(mode="words"), "--out", "run")
    assert done.code == 0, done.err
    assert "6 people, each played by both simulators" in done.out
    assert "dialogues with a leak" in done.out
    assert "AUC" not in done.out  # there is no judgement to compare
    found = {row["measure"]: row for row in read_document(Path("run/table.json"))["rows"]}
    for measure in (
        "acts",
        "words a turn, KS",
        "turns a dialogue, KS",
        "return",
        "accepted",
        "good less random",
    ):
        assert found[measure]["difference"]["mean"] == 0, measure


def test_a_model_that_names_films_is_caught_and_nothing_leaks(chatrec: Any, rules: Any) -> None:
    rules.leaky = True
    done = chatrec(
        "eval-simulator", *QUICK, "--users", users(mode="words", tries=2), "--json", "--out", "run"
    )
    found = rows(done.out)
    assert found["fell back"]["llm"]["mean"] == 1
    assert found["leaks caught"]["llm"]["mean"] > 1  # every sentence of a turn, twice
    assert found["dialogues with a leak"]["llm"]["mean"] == 0
    assert found["words a turn, KS"]["difference"]["mean"] == 0
    assert {line.split("\t")[-1] for line in Path("run/wordings.tsv").read_text().splitlines()[1:]} == {
        "scripted"
    }


def test_a_leak_is_counted_where_the_guard_lets_it_through(
    chatrec: Any, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulators.llm.wording.turns import Spoken
    from simulators.llm.wording.writer import Writer

    def unguarded(self: Writer, turns: Sequence[Spoken]) -> None:
        for turn in turns:
            turn.texts = [f"{self.table.grammar.text(s)} Like The Godfather." for s in turn.sentences]

    monkeypatch.setattr(Writer, "word", unguarded)
    found = rows(
        chatrec("eval-simulator", *QUICK, "--users", users(mode="words"), "--json", "--out", "run").out
    )
    assert found["dialogues with a leak"]["llm"]["mean"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--users", "scripted"), "must name the LLM user simulator", id="scripted"),
        pytest.param(("--users", '{"name": "llm", "moood": 1}'), "No users option 'moood'", id="option"),
        pytest.param(
            ("--users", users(recording="none.jsonl"), "--replay"), "no recording none.jsonl", id="replay"
        ),
    ],
)
def test_what_cannot_be_compared(refused: Any, rules: Any, arguments: Any, says: str) -> None:
    refused(says, "eval-simulator", *arguments)


DIALOGUES = (
    "SYSTEM\tWhat do you like?\tX\t\nUSER\tI like comedies.\tX\t3\nUSER\tAnd no horror.\tX\t3\n"
    "SYSTEM\tWhy?\tX\t\nUSER\tIt is funny.\tX\t3\nUSER\tOVERALL\tX\t3\n\nUSER\tI loved Goodfellas.\tX\t3\n"
)


def test_real_dialogues_by_hand(tmp_path: Path) -> None:
    (tmp_path / "dialogues-dev.tsv").write_text(DIALOGUES, encoding="utf-8")
    talk = read_talk(tmp_path, Parser(load_catalog("movies")), QUIET)
    assert talk.lengths == [[6, 3], [3]]  # the two lines of the person in a row are one turn
    assert talk.pairs[1] == {("i", "loved"): 1, ("loved", "goodfellas"): 1}
    assert talk.acts[0, [UserAct.WANT, UserAct.AVOID]].tolist() == [1, 1]
    assert talk.acts[1, UserAct.LIKED_ITEM] == 1


def test_raters_by_hand() -> None:
    """Person 0 gave 3.5 and 2 stars, person 1 half a star to the first of these films: half stars are rounded up."""
    users, items = np.array([0, 0, 1], np.int32), np.array([0, 1, 0], np.int32)
    stars = np.array([3.5, 2.0, 0.5], np.float32)
    found = raters_of(Ratings(users, items, stars, 2, 3, np.zeros(0, np.int64)))
    assert found.stars.tolist() == [[0, 1, 0, 1, 0], [1, 0, 0, 0, 0]]
    one, two = np.log(2) / np.log(3), 1.0  # popularity of films rated once and twice
    assert found.popularity_gap[0] == pytest.approx(two - (one + two) / 2)
    assert np.isnan(found.popularity_gap[1])  # liked nothing


def test_real_people_stand_beside_them(chatrec: Any, rules: Any, planted: Any, tmp_path: Path) -> None:
    (tmp_path / "dialogues-dev.tsv").write_text(DIALOGUES, encoding="utf-8")
    people = ("--dialogues", tmp_path, "--ratings", planted.folder)
    arguments = ("--users", users(mode="choice"), *people, "--json")
    found = rows(chatrec("eval-simulator", *QUICK, *arguments, "--out", "run").out)
    assert found["words a turn"]["real"]["mean"] == 4
    assert found["turns a dialogue"]["real"]["mean"] == 1.5
    stars = read_raters(planted.folder).stars.sum(0)
    assert found["mean rating"]["real"]["mean"] == pytest.approx(stars @ np.arange(1, 6) / stars.sum())
    for measure in ("acts", "words a turn, KS", "turns a dialogue, KS", "ratings"):
        assert 0 < found[measure]["scripted"]["mean"] <= 1, measure
        assert 0 < found[measure]["llm"]["mean"] <= 1, measure


def test_options_out_of_range() -> None:
    from experiments.simulator.eval_simulator import EvalSimulatorConfig

    for options in ({"people": 1}, {"probe_items": 3}, {"seed": -1}):
        with pytest.raises(ConfigError):
            EvalSimulatorConfig(**options)  # type: ignore[arg-type]
