"""Tasks are shared while their sources are unchanged, and let go of when nobody uses them."""

from __future__ import annotations

import gc
import json
import shutil
from pathlib import Path

import pytest

from chatrec_env.core.kernel import Task
from chatrec_env.envs import task as tasks
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError

WINES = {
    "name": "wines",
    "noun": "wine",
    "columns": {"title": "name", "sentence": "note"},
    "facets": [
        {
            "name": "colour",
            "kind": "single",
            "column": "colour",
            "values": ["red", "white"],
            "phrase": "a {value} wine",
        }
    ],
}


def write(folder: Path, *titles: str) -> None:
    """A table of wines with its declaration."""
    rows = [f"{title},A wine.,{('red', 'white')[i % 2]}" for i, title in enumerate(titles)]
    (folder / "wines.csv").write_text("\n".join(["name,note,colour", *rows]), encoding="utf-8")
    (folder / "wines.json").write_text(json.dumps(WINES), encoding="utf-8")


def wines(catalog: str, **kwargs: object) -> Task:
    return make_task(EnvConfig.create({"catalog": catalog, "encoder": "hash", "n_candidates": 2, **kwargs}))


def titles(task: Task) -> tuple[str, ...]:
    return task.manager.catalog.titles


def test_an_edited_table_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path, "Alto", "Brio")
    catalog = str(tmp_path / "wines.csv")
    before = wines(catalog)
    assert wines(catalog) is before
    write(tmp_path, "Corvo", "Dolce", "Estro")
    after = wines(catalog)
    assert titles(after) == ("Corvo", "Dolce", "Estro")
    assert titles(wines(catalog, max_turns=7)) == ("Corvo", "Dolce", "Estro")
    assert titles(before) == ("Alto", "Brio")


def test_a_relative_path_is_of_the_folder_one_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, names in (("here", ("Alto", "Brio")), ("there", ("Corvo", "Dolce"))):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, *names)
    monkeypatch.chdir(tmp_path / "here")
    assert titles(wines("wines.csv")) == ("Alto", "Brio")
    monkeypatch.chdir(tmp_path / "there")
    assert titles(wines("wines.csv")) == ("Corvo", "Dolce")


def test_a_population_fitted_again_is_read_anew(tmp_path: Path) -> None:
    import simulators

    fitted = Path(simulators.__file__).parent / "data" / "ml-small.json"
    file = tmp_path / "people.json"
    shutil.copy(fitted, file)
    config = EnvConfig.create({"encoder": "hash", "users": {"name": "scripted", "population": str(file)}})
    before = make_task(config)
    assert make_task(config) is before
    document = json.loads(fitted.read_text(encoding="utf-8"))
    file.write_text(json.dumps(document, indent=3), encoding="utf-8")
    assert make_task(config) is not before


def test_a_sweep_leaves_few_tasks_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "KEPT", 3)

    def costing(cost: float) -> Task:
        return make_task(EnvConfig.create({"encoder": "hash", "reward": {"ask_cost": cost}}))

    used = costing(0.5)
    for cost in range(10):
        costing(100.0 + cost)
    gc.collect()
    assert len([key for key in tasks._TASKS if '"ask_cost": 10' in key]) == 3
    assert costing(0.5) is used


def test_a_wrong_config_leaves_nothing_behind() -> None:
    with pytest.raises(ConfigError):
        make_task(EnvConfig(encoder="hash", n_candidates=10**6))
    assert not any("1000000" in key for key in tasks._TASKS)
