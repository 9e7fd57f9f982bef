"""Tasks on the hashing encoder, shared by the tests of the environment's parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.core.kernel import Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task

MakeTask = Callable[..., Task]


@pytest.fixture(scope="session")
def task_of() -> MakeTask:
    """Build (or fetch) a task from environment keywords; the encoder is the hashing one unless named."""

    def build(**kwargs: Any) -> Task:
        return make_task(EnvConfig.create({"encoder": "hash", **kwargs}))

    return build


@pytest.fixture(scope="session")
def task(task_of: MakeTask) -> Task:
    """Items, flat observation, scenario full."""
    return task_of()


@pytest.fixture(scope="session")
def films(task: Task) -> Catalog:
    """The built-in catalogue."""
    return task.manager.catalog
