"""A GGUF model through llama.cpp, in process: several times faster than float32 on a CPU."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from chatrec_env.errors import ArtifactError, MissingExtraError
from chatrec_env.language.encoders.weights import digest
from simulators.llm.backends.base import (
    Answer,
    Capabilities,
    ChatRequest,
    Failure,
    Reply,
    Request,
    ScoreRequest,
)

_CONTEXT = 4096
_SECONDS = 10.0


class LlamaBackend:
    """Reads a GGUF file with ``xllamacpp``.

    A continuation is scored by making the model write it: a grammar over token numbers leaves no other choice, and
    the server reports each token's log-probability before the grammar, so the sum is exact.

    Args:
        name: What :func:`make_backend` calls it.
        file: The GGUF file.
        threads: Threads of the computation; 0 for what the tensor library of this process would use. The replies
            may depend on it in the last bits.

    Raises:
        ArtifactError: There is no such file, or it is not GGUF.
    """

    capabilities = Capabilities(scores=True, json=True, batch=False)

    def __init__(self, name: str, file: Path, *, threads: int = 0) -> None:
        self.name, self.file, self._threads = name, Path(file), threads
        if not self.file.is_file():
            raise ArtifactError(f"There is no GGUF file {self.file}. Name one with: llamacpp:FILE.gguf")
        with self.file.open("rb") as opened:
            if opened.read(4) != b"GGUF":
                raise ArtifactError(f"{self.file} is not a GGUF file (its first four bytes are not 'GGUF').")
        self._identity = ""
        self._start()

    def _start(self) -> None:
        self._lock = threading.RLock()
        self._server: Any = None

    @property
    def identity(self) -> str:
        """Digest of the file."""
        if not self._identity:
            self._identity = f"llamacpp/{digest(self.file)[:32]}"
        return self._identity

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer requests one after the other; see :class:`Backend`."""
        out: list[Answer] = []
        with self._lock:
            server = self._load()
            for request in requests:
                begun = time.perf_counter()
                try:
                    if isinstance(request, ChatRequest):
                        out.append(_chat(server, request, begun))
                    else:
                        out.append(self._score(server, request, begun))
                except (RuntimeError, KeyError, IndexError, TypeError, ValueError) as error:
                    out.append(
                        Failure(f"llama.cpp did not answer: {' '.join(str(error).split())[:200]}", error)
                    )
        return out

    def _score(self, server: Any, request: ScoreRequest, begun: float) -> Reply:
        tokens = self._tokens(request.continuation)
        done = server.handle_completions(
            {
                "prompt": request.prompt,
                "n_predict": len(tokens),
                "n_probs": 1,
                "temperature": 0.0,
                "cache_prompt": True,
                "grammar": "root ::= " + " ".join(f"<[{token}]>" for token in tokens),
            }
        )
        told = done["choices"][0]["logprobs"]["content"]
        if [entry["id"] for entry in told[: len(tokens)]] != list(tokens):
            raise ValueError(f"it wrote other tokens than {request.continuation!r}")
        return Reply(
            score=sum(float(entry["logprob"]) for entry in told[: len(tokens)]),
            prompt_tokens=int(done["usage"]["prompt_tokens"]),
            reply_tokens=len(tokens),
            seconds=round(time.perf_counter() - begun, 6),
        )

    def _tokens(self, text: str) -> tuple[int, ...]:
        """The model's own tokens of a text, asked of the server inside this process."""
        return _tokenize(self._load().listening_address, text)

    def _load(self) -> Any:
        with self._lock:
            if self._server is None:
                self._server = _serve(self.file, self._threads)
            return self._server

    def close(self) -> None:
        """Free the model; the next request loads it again."""
        with self._lock:
            self._server = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("name", "file", "_threads", "_identity")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def __deepcopy__(self, memo: dict[int, Any]) -> LlamaBackend:
        return self


def _chat(server: Any, request: ChatRequest, begun: float) -> Reply:
    body: dict[str, Any] = {
        "messages": [{"role": role, "content": text} for role, text in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": 0,
        "min_p": 0.0,
        "seed": request.seed % (1 << 31),
        "cache_prompt": True,
        "chat_template_kwargs": {"enable_thinking": False},  # templates that do not know it leave it alone
    }
    if request.schema is None:
        body["stop"] = ["\n"]
    else:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": request.schema},
        }
    done = server.handle_chat_completions(body)
    if "error" in done or done.get("code", 200) != 200:
        raise ValueError(str(done.get("error", done)))
    usage = done["usage"]
    return Reply(
        text=str(done["choices"][0]["message"]["content"] or "").strip(),
        prompt_tokens=int(usage["prompt_tokens"]),
        reply_tokens=int(usage["completion_tokens"]),
        seconds=round(time.perf_counter() - begun, 6),
    )


def _serve(file: Path, threads: int) -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingExtraError("xllamacpp", "llm", "The backend 'llamacpp'") from error
    if threads == 0:
        import torch

        threads = torch.get_num_threads()
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx, params.n_parallel, params.verbosity = _CONTEXT, 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ArtifactError(f"llama.cpp cannot load {file}: {error}. Is it a model that it knows?") from error


@lru_cache(maxsize=65_536)
def _tokenize(address: str, text: str) -> tuple[int, ...]:
    try:
        import httpx
    except ImportError as error:
        raise MissingExtraError("httpx", "llm", "The backend 'llamacpp'") from error
    done = httpx.post(f"{address}/tokenize", json={"content": text}, timeout=_SECONDS, trust_env=False)
    done.raise_for_status()
    tokens = tuple(int(token) for token in done.json()["tokens"])
    if not tokens:
        raise ValueError(f"{text!r} has no token")
    return tokens
