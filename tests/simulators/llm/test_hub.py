"""Models by a hub name: fetched once through the hub's own client, weights and text files only, then found offline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.errors import ArtifactError
from simulators.llm.backends import make_backend
from simulators.llm.backends.base import ChatRequest, Reply, ScoreRequest
from simulators.llm.config import LLMConfig
from tests.simulators.llm.hub import COMMIT, Hub

NAME = "somebody/tiny-decoder"

FIND = """
import json, sys
from chatrec_env.errors import ArtifactError
from simulators.llm.backends import make_backend
from simulators.llm.config import LLMConfig
try:
    backend = make_backend(LLMConfig(backend=sys.argv[1]))
    print(json.dumps({"folder": str(backend.folder), "identity": backend.identity}))
except ArtifactError as error:
    print(json.dumps({"error": str(error)}))
"""


@pytest.fixture(scope="module")
def repository(tiny_decoder: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model beside what a repository may also hold and nobody here should touch."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(tiny_decoder("llama"), folder, dirs_exist_ok=True)
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    (folder / "modeling_tiny.py").write_text("raise SystemExit('code of the model ran')", encoding="utf-8")
    return folder


@pytest.fixture
def hub(repository: Path) -> Iterator[Hub]:
    served = Hub(NAME, repository)
    yield served
    served.close()


def find(name: str, hub_url: str, home: Path) -> dict[str, Any]:
    """What another process makes of a backend's name: the client reads where its hub is when it is imported."""
    env = {
        k: v for k, v in os.environ.items() if not k.startswith("HF_") and not k.lower().endswith("_proxy")
    }
    env |= {"HF_ENDPOINT": hub_url, "HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", FIND, name], env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def speaks(folder: Path) -> list[Any]:
    backend = make_backend(LLMConfig(backend=f"transformers:{folder}"))
    answers = backend.answer(
        [
            ChatRequest(messages=(("user", "Hello."),), max_tokens=8),
            ScoreRequest(prompt="A", continuation=" b"),
        ]
    )
    assert all(isinstance(answer, Reply) for answer in answers)
    return [(answer.text, answer.score) for answer in answers if isinstance(answer, Reply)]


@pytest.mark.slow
def test_a_name_is_fetched_once_and_found_again_without_the_hub(
    hub: Hub, repository: Path, tmp_path: Path
) -> None:
    first = find(f"transformers:{NAME}", hub.url, tmp_path)
    folder = Path(first["folder"])
    assert folder.name == COMMIT
    fetched = {path.name for path in folder.iterdir()}
    assert fetched >= {"config.json", "model.safetensors", "tokenizer.json"}
    assert not {name for name in fetched if name.endswith((".bin", ".py"))}
    assert not [path for path in hub.asked if path.endswith((".bin", ".py"))]
    assert (folder / "model.safetensors").read_bytes() == (repository / "model.safetensors").read_bytes()
    local = make_backend(LLMConfig(backend=f"transformers:{repository}"))
    assert first["identity"] == local.identity  # a recording made with one is good for the other
    assert speaks(folder) == speaks(repository)
    hub.close()
    assert find(f"transformers:{NAME}", hub.url, tmp_path) == first


@pytest.mark.slow
def test_a_name_the_hub_does_not_know(hub: Hub, tmp_path: Path) -> None:
    told = find("transformers:somebody/else", hub.url, tmp_path)
    assert "'somebody/else' is neither a folder here nor to be had from the hub" in told["error"]
    assert "chatrec models get smollm2" in told["error"]


def test_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"is no model folder: expected config\.json, tokenizer\.json"):
        make_backend(LLMConfig(backend=f"transformers:{tmp_path}"))
