"""Tasks on the hashing encoder, shared by the tests of the environment's parts."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.config import EnvConfig
from chatrec_env.kernel import Task
from chatrec_env.task import make_task

MakeTask = Callable[..., Task]


@pytest.fixture(scope="session")
def task_of() -> MakeTask:
    """Build (or fetch) a task from environment keywords; the encoder is the hashing one unless named."""

    def build(**kwargs: Any) -> Task:
        return make_task(EnvConfig.create({"encoder": "hash", **kwargs}))

    return build


@pytest.fixture(scope="session")
def three_films(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A catalogue that is soon exhausted: the first three of the built-in films, as a file."""
    data = files("chatrec_env.catalog") / "data"
    place = tmp_path_factory.mktemp("few") / "three.csv"
    rows = (data / "movies.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    place.write_text("".join(rows[:4]), encoding="utf-8")
    place.with_suffix(".json").write_text(
        (data / "movies.json").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return str(place)


@pytest.fixture(scope="session")
def task(task_of: MakeTask) -> Task:
    """Items, flat observation, scenario full."""
    return task_of()


@pytest.fixture(scope="session")
def films(task: Task) -> Catalog:
    """The built-in catalogue."""
    return task.assistant.catalog
