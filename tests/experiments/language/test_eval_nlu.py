from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.errors import ArtifactError, CatalogError
from chatrec_env.language.acts import UserAct
from experiments.language.dialogue_labels import OWN_PARTS, read_labels, read_own, read_sentences
from experiments.language.eval_nlu import EvalNluConfig, eval_nlu, make_table, meant_acts
from experiments.language.tallies import MIN_SUPPORT, Tally, make_rows, scores

SENTENCES = "SYSTEM\tWhat do you like?\tX\t\nUSER\tI like comedies.\tX\t3\nUSER\tNothing scary, and no horror.\tX\t3\n"
OTHERS = "USER\tI loved Goodfellas.\tX\t3\nSYSTEM\tAnd?\tX\t\nUSER\tGoodfellas.\tX\t3\n"
HEAD = "part,dialogue,turn,acts,values,titles,people,question\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dialogues-dev.tsv").write_text(f"{SENTENCES}\n{OTHERS}", encoding="utf-8")
    return tmp_path


def labels(tmp_path: Path, rows: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def test_the_labels_are_names_the_catalogue_knows() -> None:
    catalog = load_catalog("movies")
    found = read_labels()
    assert len({(label.dialogue, label.turn) for label in found}) == len(found) >= 600
    for label in found:
        assert {value for value, _ in label.values} <= set(catalog.value_names)
        assert {name for name, _ in label.people} <= set(catalog.entity_names)
        assert label.acts
    parts = {
        part: {label.dialogue for label in found if label.part == part} for part in ("dev", "held", "fit")
    }
    assert not parts["held"] & (parts["dev"] | parts["fit"])


def test_sentences_are_found_by_dialogue_and_turn(folder: Path) -> None:
    assert read_sentences(folder) == {
        (1, 2): "I like comedies.",
        (1, 3): "Nothing scary, and no horror.",
        (2, 1): "I loved Goodfellas.",
        (2, 3): "Goodfellas.",
    }


def test_precision_recall_and_f1_by_hand() -> None:
    assert scores(np.array([[3, 1, 2], [0, 0, 0]])).tolist() == [
        pytest.approx([0.75, 0.6, 6 / 9]),
        [0.0, 0.0, 0.0],
    ]


def test_figures_by_hand(folder: Path) -> None:
    rows = (
        "dev,1,2,WANT,+comedy,,,0\n"
        "dev,1,3,AVOID,-scary|-war,,,0\n"
        "dev,2,1,LIKED_ITEM,,+Goodfellas,,0\n"
        "dev,2,3,DISLIKED_ITEM,,-Goodfellas,,1\n"
    )
    table = make_table(EvalNluConfig(dialogues=folder, labels=labels(folder, rows)), load_catalog("movies"))
    part = table["parts"]["dev"]
    assert (part["sentences"], part["dialogues"]) == (4, 2)
    found = {(row["measure"], row["act"]): row for row in part["rows"]}
    genre = found["genre", ""]  # read: comedy+, horror-; meant: comedy+, war-
    assert (genre["precision"], genre["recall"], genre["meant"]) == (0.5, 0.5, 2)
    title = found["title", ""]
    assert (title["precision"], title["recall"]) == (1.0, 1.0)
    assert found["act", "liked_item"]["precision"] == 1.0  # the bare title does not count here
    assert ("act", "disliked_item") not in found
    assert ("act", "macro") not in found  # no act has MIN_SUPPORT sentences


def test_the_macro_average_is_over_acts_with_enough_sentences() -> None:
    tally = Tally()
    for i in range(MIN_SUPPORT):
        right = {"act": frozenset({UserAct.YES})}
        tally.add(i, right, right, measures=("act",))
    tally.add(0, {"act": frozenset({UserAct.NO})}, {"act": frozenset()}, measures=("act",))
    macro = next(row for row in make_rows(tally, tally, range(MIN_SUPPORT)) if row["act"] == "macro")
    assert (macro["f1"], macro["f1_low"], macro["f1_high"], macro["meant"]) == (1.0, 1.0, 1.0, MIN_SUPPORT)


def test_a_film_outside_the_catalogue_cannot_be_found() -> None:
    label = next(label for label in read_labels() if ("Dunkirk", 0) in label.titles)
    assert meant_acts(load_catalog("movies"), label)["title"] == frozenset()


def test_absent_dialogues_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"Name its folder: --dialogues FOLDER"):
        read_sentences(tmp_path)


def test_other_dialogues_than_the_labelled_ones_are_refused(folder: Path) -> None:
    path = labels(folder, "dev,9,1,YES,,,,0\n")
    with pytest.raises(ArtifactError, match="dialogue 9, turn 1"):
        eval_nlu(EvalNluConfig(dialogues=folder, labels=path))


@pytest.mark.parametrize(
    "row", ["test,1,1,YES,,,,0", "dev,1,1,YEP,,,,0", "dev,one,1,YES,,,,0", "dev,1,1,YES,?x,,,0"]
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, row: str) -> None:
    with pytest.raises(CatalogError, match="line 2"):
        read_labels(labels(tmp_path, row + "\n"))


def test_the_command_prints_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = labels(folder, "held,1,2,WANT,+comedy,,,0\n")
    assert eval_nlu(EvalNluConfig(dialogues=folder, labels=path, json=True)) == 0
    table: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(table["parts"]) == ["held"]


def test_real_dialogues_are_read_as_well_as_promised(shared_data: Path) -> None:
    labels = Path(
        str(resources.files("experiments.language") / "ccpe_labels.csv")
    )  # and nothing but the dialogues
    config = EvalNluConfig(dialogues=shared_data / "ccpe", labels=labels)
    table = make_table(config, load_catalog("movies"))
    for part in ("dev", "held"):
        rows = {
            row["measure"]: row["f1"] for row in table["parts"][part]["rows"] if row["act"] in ("", "macro")
        }
        assert rows["act"] >= 0.75
        assert rows["genre"] >= 0.85


@pytest.mark.long
def test_the_second_stage_gains_on_dialogues_it_was_not_fitted_to(shared_data: Path) -> None:
    folder = shared_data / "ccpe"
    if not folder.is_dir():
        pytest.skip("the CCPE-M dialogues (../shared/data/ccpe) are not here")
    table = make_table(EvalNluConfig(dialogues=folder), load_catalog("movies"))
    macro = {
        part: {row["measure"]: row for row in told["rows"] if row["act"] in ("", "macro")}
        for part, told in table["parts"].items()
    }
    for part in ("dev", "held", "test", "test2"):
        assert macro[part]["act"]["gain"] >= 0
        assert macro[part]["polarity"]["gain"] >= 0
    assert macro["held"]["act"]["f1"] >= 0.78
    assert macro["held"]["genre"]["f1"] >= 0.85


def test_with_the_hashing_encoder_nothing_is_gained_and_it_says_so(folder: Path, tmp_path: Path) -> None:
    path = labels(tmp_path, "dev,1,2,WANT,+comedy,,,0\ndev,1,3,AVOID,-scary|-horror,,,0\n")
    config = EvalNluConfig(dialogues=folder, labels=path, encoder="hash")
    table = make_table(config, load_catalog("movies"))
    assert "rules alone" in table["notice"]
    assert all(row["gain"] == 0 for row in table["parts"]["dev"]["rows"])


def test_own_sentences_name_what_the_catalogues_know() -> None:
    seen: set[str] = set()
    for part in ("fit", *OWN_PARTS):
        for one in read_own(part):
            catalog = load_catalog(one.catalog)
            assert one.text.lower() not in seen
            seen.add(one.text.lower())
            assert one.acts
            assert {title for title, _ in one.titles} <= set(catalog.titles)
            assert {value for value, _ in one.values} <= set(catalog.value_names)
