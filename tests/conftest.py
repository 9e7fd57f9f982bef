"""What every test may count on: a cache of its own, no network, no screen, one thread a process."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[1]

# Set before any test module is imported: the libraries read these once.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["MPLBACKEND"] = "Agg"
os.environ["CHATREC_START"] = "compiled"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started behind "&" in a script: processes that tests start would not hear Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if "PYTEST_XDIST_WORKER" in os.environ:
    # Side by side, two processes with two spinning threads each are slower than with one.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the user's embedding cache out of the tests, and the tests out of it; side by side, they share one."""
    place = tmp_path_factory.getbasetemp()
    folder = (place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHATREC_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def films_read(own_cache: Path) -> None:
    """What is said of the built-in films is on disk, as the language model reads it.

    In a conversation nothing new is kept there, so each would have the model read them again.
    """
    from chatrec_env.catalog import load_catalog
    from chatrec_env.language import Form, Grammar, make_encoder

    films = load_catalog("movies")
    grammar = Grammar(films)
    said = grammar.ids(Form.S_ITEM, range(films.n_items), 0)
    make_encoder("minilm").encode([grammar.text(int(i)) for i in said])


@pytest.fixture(scope="session")
def first_films(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], str]:
    """``first_films(150)``: a catalogue of the first of the built-in films, as a file."""
    data = files("chatrec_env.catalog") / "data"

    def make(n: int) -> str:
        place = tmp_path_factory.mktemp("few") / "films.csv"
        rows = (data / "movies.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        place.write_text("".join(rows[: n + 1]), encoding="utf-8")
        place.with_suffix(".json").write_bytes((data / "movies.json").read_bytes())
        return str(place)

    return make


@pytest.fixture(scope="session")
def three_films(first_films: Callable[[int], str]) -> str:
    """A catalogue that is soon exhausted."""
    return first_films(3)


@pytest.fixture(scope="session")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``tiny_decoder("llama")`` or ``("gpt2")``: the folder of a small random decoder; a token is a byte."""
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = _save_decoder(tmp_path_factory.mktemp(kind), kind)
        return made[kind]

    return make


def _save_decoder(folder: Path, kind: str) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    common: dict[str, Any] = {
        "vocab_size": 300,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "initializer_range": 0.3,
    }
    if kind == "llama":
        config = LlamaConfig(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            intermediate_size=64, max_position_embeddings=256, **common,
        )  # fmt: skip
        LlamaForCausalLM(config).save_pretrained(folder)
    else:
        GPT2LMHeadModel(
            GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=256, **common)
        ).save_pretrained(folder)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<unk>", "<s>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Fail a test that connects to another machine: nothing here may need a network."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[object, ...] | str) -> None:
        # A plain string is the path of a local socket.
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            pytest.fail(f"a test tried to connect to {address[0]!r}; tests may only use this machine")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the source tree."""
    return REPO


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the checkout; skips where it is absent."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets (../shared/data beside the checkout) are not here")
    return folder


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small MovieLens folder with known people; see ``tests/simulators/planted.py``. Do not write into it."""
    path = REPO / "tests" / "simulators" / "planted.py"
    spec = importlib.util.spec_from_file_location("planted", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["planted"] = module  # a dataclass looks its module up there
    spec.loader.exec_module(module)
    return module.plant(tmp_path_factory.mktemp("movielens") / "tiny")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's chromium; skips where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    return path
