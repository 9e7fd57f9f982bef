"""The service under load and under kill -9, in small."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agents.baselines import AskThenRecommend, save_baseline
from agents.export import export_policy
from chatrec_env.envs.config import EnvConfig
from experiments.benchmarks import serving
from experiments.benchmarks.serving import kill, load, named, percentile


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("export")
    save_baseline(
        place / "checkpoint", AskThenRecommend(questions=1, diversity=0.0), EnvConfig(encoder="hash")
    )
    return export_policy(place / "checkpoint", place / "export")


def test_percentiles_by_rank() -> None:
    values = [float(v) for v in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([7.0], 0.99)) == (51.0, 96.0, 7.0)


def test_the_commands_of_the_module_are_understood() -> None:
    lines = [line.split() for line in (serving.__doc__ or "").splitlines() if "python -m" in line]
    assert [line[3] for line in lines] == ["load", "kill"]
    for line in lines:
        work = named(line[3:])
        assert work.__name__ == line[3]
        work.close()


@pytest.mark.long
def test_two_processes_on_one_store_of_which_one_is_killed(folder: Path) -> None:
    report = asyncio.run(kill(folder, rounds=1, people=3))
    assert report["acknowledged"] > 10
    assert (report["lost"], report["doubled"]) == (0, 0)


def test_people_get_answers_and_health_answers_beside_them(folder: Path) -> None:
    report = asyncio.run(load(folder, people=3, seconds=2.0, think=0.2))
    assert set(report["statuses"]) == {200}
    assert min(report[what]["n"] for what in ("nothing", "message", "health")) > 0
