"""The default model itself, through both local backends and two real servers; skips where it is not here."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import platformdirs
import pytest

from agents.base import decision
from agents.baselines import make_baseline
from chatrec_env.catalog import Catalog
from chatrec_env.core.kernel import step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError
from experiments.evaluate.rollout import meet, people_seeds
from experiments.simulator.playing import choose_probes
from simulators.fidelity import auc
from simulators.llm.backends import weights
from simulators.llm.backends.base import Backend, ChatRequest, Message, Reply, ScoreRequest
from simulators.llm.backends.endpoint import EndpointBackend, EndpointConfig
from simulators.llm.backends.llamacpp import LlamaBackend
from simulators.llm.backends.local import LocalBackend
from simulators.llm.judges import JudgedUsers, ReverseJudge
from simulators.llm.personas import make_persona
from simulators.llm.recorder import RecordedBackend
from simulators.llm.recording import Recording
from simulators.llm.wording.checking import meaning, stated
from simulators.llm.wording.leaks import TitleGuard
from simulators.scenarios.scenario import make_scenario
from simulators.scripted.choice import sigmoid

pytestmark = pytest.mark.long
LOCAL = ("smollm2", "llamacpp")


@pytest.fixture(autouse=True)
def users_own_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have a cache of their own; models are looked for where the user keeps them."""
    monkeypatch.setenv("CHATREC_MODELS", str(Path(platformdirs.user_cache_dir("chatrec")) / "models"))


@pytest.fixture(params=LOCAL)
def backend(request: pytest.FixtureRequest, users_own_models: None) -> Backend:
    return local_backend(request.param)


def local_backend(name: str) -> Backend:
    pytest.importorskip("xllamacpp" if name == "llamacpp" else "torch")
    try:
        if name == "llamacpp":
            return LlamaBackend(name, weights.require_gguf(), threads=1)
        return LocalBackend(name, weights.require_converted())
    except ArtifactError as error:
        pytest.skip(str(error))


def rewrite(seed: int = 0) -> ChatRequest:
    pairs: tuple[Message, ...] = (("user", "A war film, please."), ("assistant", "I'd like a war film."))
    asked: tuple[Message, ...] = (("system", "Say it in other words."), *pairs, ("user", "A comedy, please."))
    return ChatRequest(messages=asked, seed=seed)


def test_same_request_same_reply(backend: Backend) -> None:
    first = backend.answer([rewrite(i) for i in range(5)])
    again = backend.answer([rewrite(i) for i in range(5)])
    alone = backend.answer([rewrite(3)])[0]
    texts = [r.text for r in first if isinstance(r, Reply)]
    assert texts == [r.text for r in again if isinstance(r, Reply)]
    assert isinstance(alone, Reply)
    assert alone.text == texts[3]
    assert len(set(texts)) > 1
    assert sum("comed" in text.lower() for text in texts) >= 3


def test_both_backends_score_alike() -> None:
    """4 bits against float32 of the same 4-bit file: the same tokens, nearly the same log-probabilities."""
    asked = [
        ScoreRequest(prompt="Film: genre: crime; theme: heists.\nTags:", continuation=text)
        for text in (" crime", " heists", " forbidden love", " science fiction")
    ]
    one, other = ([r.score for r in local_backend(n).answer(asked) if isinstance(r, Reply)] for n in LOCAL)
    assert np.allclose(one, other, rtol=0.05, atol=0.1)
    assert min(one[:2]) > max(one[2:])


def test_a_continuation_is_the_product_of_its_tokens(backend: Backend) -> None:
    prompt = "Film: genre: crime.\nTags:"
    whole, first, rest = (
        r.score
        for r in backend.answer(
            [
                ScoreRequest(prompt=prompt, continuation=" science fiction"),
                ScoreRequest(prompt=prompt, continuation=" science"),
                ScoreRequest(prompt=prompt + " science", continuation=" fiction"),
            ]
        )
        if isinstance(r, Reply)
    )
    assert whole == pytest.approx(first + rest, abs=0.05)


def test_the_scale_holds_for_people_who_were_held_out(films: Catalog, tmp_path: Path) -> None:
    """24 people x 8 films, half of them good ones: liked above disliked, and good ones accepted more often."""
    model = local_backend("llamacpp")
    recorded = RecordedBackend(Recording(tmp_path / "r.jsonl", model.identity, model.capabilities), model)
    judge, task = ReverseJudge(films, recorded), make_task(EnvConfig(encoder="hash"))
    seeds = people_seeds("eval", 7, 24)
    items = choose_probes(task, seeds, 8)
    people: Any = meet(task, seeds).people
    personas = [make_persona(films, people, row) for row in range(len(seeds))]
    verdicts = judge.judge(personas, items.tolist(), seeds)
    judged = JudgedUsers(films, task.manager.table.grammar, make_scenario("full"))
    told = np.array([verdict.appeal for verdict in verdicts]) + judged.in_code(people, items)
    rows = np.arange(len(seeds))[:, None]
    true = task.users.reveal(people)["utility"][rows, items] - people.threshold[:, None]
    aucs = np.array([auc(t[a > 0], t[a < -2]) for t, a in zip(told, true, strict=True)])
    told_gap, true_gap = ((sigmoid(a[:, :4]) - sigmoid(a[:, 4:])).mean() for a in (told, true))
    print(
        f"AUC {np.nanmean(aucs):.3f} of {np.isfinite(aucs).sum()} people; good less random {told_gap:.3f}, scripted "
        f"{true_gap:.3f}; spread {told.std(1).mean():.2f}, scripted {true.std(1).mean():.2f}"
    )
    assert np.nanmean(aucs) >= 0.85
    assert told_gap > 0.25
    assert told.std(1).mean() == pytest.approx(true.std(1).mean(), rel=0.3)


@pytest.mark.parametrize("name", LOCAL)
def test_twenty_conversations_in_full_mode(name: str, tmp_path: Path, films: Catalog) -> None:
    """Figures are printed (pytest -s); the second run comes from the recording, bit for bit."""
    local_backend(name)
    users = {"name": "llm", "backend": name, "recording": str(tmp_path / "people.jsonl")}
    first = hold(users, 20)
    begun = time.perf_counter()
    again = hold({**users, "replay": True}, 20)
    replayed = time.perf_counter() - begun
    assert first["texts"] == again["texts"]
    assert first["rewards"] == again["rewards"]
    assert replayed < 60
    turns = np.array(first["seconds"])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{name}: {len(turns)} turns, backend seconds a turn: median {np.median(turns):.2f}, "
        f"95% {np.quantile(turns, 0.95):.2f}; "
        f"replay {replayed:.1f} s in all; peak memory of the process {memory:.2f} GiB; {first['usage']}"
    )
    guard = TitleGuard.of(films)
    leaks = [
        text
        for text, meant, goals, named, wishes in first["said"]
        if guard.leaks(text, meant=meant, goals=goals, allowed=named, wishes=wishes)
    ]
    assert leaks == []


def hold(users: dict[str, Any], n: int) -> dict[str, Any]:
    """Conversations of n people, one after the other, with the greedy policy after a question."""
    config = EnvConfig.create({"users": users, "encoder": "hash"})
    task = make_task(config)
    out: dict[str, Any] = {"texts": [], "rewards": [], "seconds": [], "said": []}
    policy = make_baseline("ask_then_recommend", config)
    for seed in range(n):
        state = meet(task, [seed])
        spent = state.people.meters[0, 2]
        named: set[int] = set()
        for _ in range(task.manager.max_turns):
            turn = step_batch(task, state, policy.act(decision(task, state), np.full(1, 0.5)))
            said = task.manager.table.texts(turn.user.sentences)[0]
            out["texts"].append(said)
            out["rewards"].append(float(turn.reward[0]))
            out["seconds"].append(float(state.people.meters[0, 2] - spent))
            named |= {int(item) for item in turn.system.slate[0] if item >= 0}
            people: Any = state.people
            meant = task.manager.table.texts(people.meant)[0]
            acts = [act for i in people.meant[0] if i >= 0 for act in task.manager.table.acts(int(i))]
            out["said"].append((said, meant, people.goals[0].tolist(), set(named), stated(meaning(acts))))
            spent = state.people.meters[0, 2]
            if turn.terminated[0] or turn.truncated[0]:
                break
    out["usage"] = task.users.usage()  # type: ignore[attr-defined]
    return out


@pytest.fixture
def llama_server(users_own_models: None) -> Iterator[str]:
    """xllamacpp as an OpenAI-compatible server on this machine."""
    xllamacpp = pytest.importorskip("xllamacpp")
    try:
        file = weights.require_gguf()
    except ArtifactError as error:
        pytest.skip(str(error))
    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.verbosity = str(file), 2048, 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server  # frees the model


@pytest.fixture
def transformers_server(users_own_models: None, tmp_path: Path) -> Iterator[str]:
    """``transformers serve``, which ignores log-probabilities and response formats in silence."""
    command = shutil.which("transformers", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("the command transformers is not installed here")
    try:
        folder = weights.require_converted()
    except ArtifactError as error:
        pytest.skip(str(error))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "hub").mkdir()
    log = (tmp_path / "serve.log").open("wb")
    running = subprocess.Popen(
        [command, "serve", str(folder), "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)],
        stdout=log,
        stderr=log,
        env={
            "HF_HOME": str(tmp_path),
            "HF_HUB_OFFLINE": "1",
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "OMP_NUM_THREADS": "1",
        },
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1200):
            if running.poll() is not None:
                pytest.skip(
                    "transformers serve does not start: " + (tmp_path / "serve.log").read_text()[-300:]
                )
            try:
                httpx.get(f"{url}/health", timeout=2)
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        else:
            pytest.skip("transformers serve did not answer within ten minutes")
        yield f"{url}/v1"
    finally:
        running.terminate()
        running.wait(20)
        log.close()


STARS = {
    "type": "object",
    "properties": {"stars": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 1}},
    "required": ["stars"],
    "additionalProperties": False,
}


def ask_stars(seed: int) -> ChatRequest:
    return ChatRequest(
        messages=(("user", 'How many stars? Answer like {"stars": [3]}'),), seed=seed, schema=STARS
    )


PATIENT = EndpointConfig(timeout=900.0, tries=1, concurrency=1)
"""For a small model on a machine that has other work."""


def test_llama_server_keeps_to_schemas(llama_server: str) -> None:
    backend = EndpointBackend("endpoint:m", "m", llama_server, PATIENT)
    replies = backend.answer([ask_stars(1), rewrite(1)])
    assert all(isinstance(r, Reply) and r.text and r.reply_tokens > 0 for r in replies)
    assert backend.keeps_schemas


def test_transformers_server_ignores_schemas_and_is_found_out(transformers_server: str) -> None:
    backend = EndpointBackend("endpoint:m", str(weights.require_converted()), transformers_server, PATIENT)
    assert backend.keeps_schemas
    hello = ChatRequest(messages=(("user", "Say hello to me."),), schema=STARS, max_tokens=8)
    for _ in range(2):  # asked with the schema, and then in words alone
        (reply,) = backend.answer([hello])
        assert isinstance(reply, Reply)
        assert reply.text
        assert reply.reply_tokens > 0
        assert not backend.keeps_schemas
