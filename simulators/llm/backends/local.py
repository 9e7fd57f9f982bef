"""A causal language model on this machine, through ``transformers``, in float32 on the CPU."""

from __future__ import annotations

import copy
import hashlib
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chatrec_env.errors import ArtifactError, MissingExtraError
from chatrec_env.language.encoders import lanes
from chatrec_env.language.encoders.transformers_models import attention_name
from chatrec_env.language.encoders.weights import digest
from simulators.llm.backends import weights
from simulators.llm.backends.base import Answer, Capabilities, ChatRequest, Reply, Request, ScoreRequest
from simulators.llm.backends.sampling import Sampler

_MOST_ROWS = 8
_LEAST_SHARED = 16  # tokens worth keeping the attention state of
_MOST_KEPT = 4

Tokens = list[int]


class LocalBackend:
    """Runs a folder of safetensors weights; never code of the model's own, never pickles.

    Each row of a batch is sampled with its own generator, seeded by the request, and single-threaded per lane: a
    reply depends on its request alone, up to rounding where batches of another size run (2e-5 nats, which a
    recording settles for good).

    Args:
        name: What :func:`make_backend` calls it.
        folder: With ``config.json``, ``model.safetensors`` and a tokenizer.
    """

    capabilities = Capabilities(scores=True, json=False, batch=True)

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, Path(folder)
        files = [f for f in ("config.json", "tokenizer.json") if not (self.folder / f).is_file()]
        if files or not any(self.folder.glob("*.safetensors")):
            raise ArtifactError(
                f"{self.folder} is no model folder: expected config.json, tokenizer.json and *.safetensors there. "
                "Name a folder with all of them, or fetch the default one with: chatrec models get smollm2"
            )
        self._identity = ""
        self._start()

    def _start(self) -> None:
        self._lock = threading.RLock()
        self._loaded: tuple[Any, Any] | None = None
        self._kept: dict[tuple[int, ...], Any] = {}  # shared beginnings -> attention state

    @property
    def identity(self) -> str:
        """Digest of weights, tokenizer and template, and the precision."""
        if not self._identity:
            origin = weights.read_origin(self.folder)
            known = [origin["weights"]] if "weights" in origin else []
            files = sorted(self.folder.glob("*.safetensors")) if not known else []
            small = ("config.json", "tokenizer.json", "chat_template.jinja")
            files += [self.folder / f for f in small if (self.folder / f).is_file()]
            all_ = "".join(known + [digest(f) for f in files])
            self._identity = f"transformers/float32/{hashlib.sha256(all_.encode()).hexdigest()[:32]}"
        return self._identity

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer requests, in batches of like length; see :class:`Backend`."""
        out: list[Answer] = [Reply()] * len(requests)
        chats = [(i, r) for i, r in enumerate(requests) if isinstance(r, ChatRequest)]
        scores = [(i, r) for i, r in enumerate(requests) if isinstance(r, ScoreRequest)]
        places = [i for i, _ in (*chats, *scores)]
        replies = [*self._chat([r for _, r in chats]), *self._score([r for _, r in scores])]
        for place, reply in zip(places, replies, strict=True):
            out[place] = reply
        return out

    def _chat(self, requests: Sequence[ChatRequest]) -> list[Reply]:
        if not requests:
            return []
        _, tokenizer = self._load()
        prompts = [self._render(tokenizer, request) for request in requests]
        shared = _shared(prompts) if len(prompts) > 1 else []
        order = sorted(range(len(prompts)), key=lambda i: (len(prompts[i]), i))
        parts = [order[i : i + _MOST_ROWS] for i in range(0, len(order), _MOST_ROWS)]
        calls = [
            partial(self._write, [requests[i] for i in part], [prompts[i] for i in part], shared)
            for part in parts
        ]
        out = [Reply()] * len(requests)
        for part, replies in zip(parts, lanes.run(calls), strict=True):
            for i, reply in zip(part, replies, strict=True):
                out[i] = reply
        return out

    def _render(self, tokenizer: Any, request: ChatRequest) -> Tokens:
        messages = [{"role": role, "content": text} for role, text in request.messages]
        if tokenizer.chat_template:
            text = tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
            )  # templates that do not know the last one leave it alone
        else:  # a base model: a plain script
            text = "".join(f"{m['role']}: {m['content']}\n" for m in messages) + "assistant:"
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    def _write(self, requests: list[ChatRequest], prompts: list[Tokens], shared: Tokens) -> list[Reply]:
        """One batch, token by token; a row stops at its end or at a line end."""
        import torch

        begun = time.perf_counter()
        model, tokenizer = self._load()
        n, start = len(prompts), len(shared)
        rest = [p[start:] for p in prompts]
        width = max(len(r) for r in rest)
        ids = torch.zeros((n, width), dtype=torch.long)
        mask = torch.zeros((n, start + width), dtype=torch.long)
        mask[:, :start] = 1
        for i, row in enumerate(rest):
            ids[i, width - len(row) :] = torch.tensor(row)
            mask[i, start + width - len(row) :] = 1
        sampler = Sampler(requests, ends=self._ends(model, tokenizer))
        name = attention_name(model)
        with torch.inference_mode():
            past = self._expanded(shared, n)
            positions = (mask.cumsum(1) - 1).clamp(min=0)[:, start:]
            while True:
                done = model(
                    input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=True,
                    logits_to_keep=1, **{name: past},
                )  # fmt: skip
                past = done[name]
                chosen = sampler.draw(done.logits[:, -1].numpy())
                if sampler.finished(lambda row: tokenizer.decode(row, skip_special_tokens=True)):
                    break
                ids = torch.from_numpy(chosen)[:, None]
                positions = positions[:, -1:] + 1
                mask = torch.cat([mask, torch.ones((n, 1), dtype=torch.long)], 1)
        seconds = (time.perf_counter() - begun) / n
        texts = [tokenizer.decode(row, skip_special_tokens=True) for row in sampler.rows]
        return [
            Reply(
                text=text.strip(), prompt_tokens=len(prompt), reply_tokens=len(row), seconds=round(seconds, 6)
            )
            for text, prompt, row in zip(texts, prompts, sampler.rows, strict=True)
        ]

    def _ends(self, model: Any, tokenizer: Any) -> set[int]:
        told = model.generation_config.eos_token_id
        ends = set(told) if isinstance(told, list) else {told}
        return {int(e) for e in (*ends, tokenizer.eos_token_id) if e is not None}

    def _score(self, requests: Sequence[ScoreRequest]) -> list[Reply]:
        if not requests:
            return []
        groups: dict[str, list[int]] = {}
        for i, request in enumerate(requests):
            groups.setdefault(request.prompt, []).append(i)
        calls = [
            partial(self._score_one, prompt, [requests[i].continuation for i in places])
            for prompt, places in groups.items()
        ]
        out = [Reply()] * len(requests)
        for places, replies in zip(groups.values(), lanes.run(calls), strict=True):
            for i, reply in zip(places, replies, strict=True):
                out[i] = reply
        return out

    def _score_one(self, prompt: str, continuations: list[str]) -> list[Reply]:
        """Log-probabilities of continuations of one prompt: the prompt is read once."""
        import torch

        begun = time.perf_counter()
        model, tokenizer = self._load()
        head = list(tokenizer(prompt, add_special_tokens=False)["input_ids"])
        tails = [list(tokenizer(c, add_special_tokens=False)["input_ids"]) for c in continuations]
        if not head or not all(tails):
            raise ValueError("A score needs a prompt and a continuation of at least one token each.")
        n, width = len(tails), max(len(t) for t in tails)
        ids = torch.zeros((n, width), dtype=torch.long)
        for i, tail in enumerate(tails):
            ids[i, : len(tail)] = torch.tensor(tail)
        with torch.inference_mode():
            read = model(input_ids=torch.tensor([head]), use_cache=True, logits_to_keep=1)
            first = torch.log_softmax(read.logits[0, -1], -1)
            sums = [float(first[tail[0]]) for tail in tails]
            if width > 1:
                name = attention_name(model)
                past = read[name]
                past.batch_repeat_interleave(n)
                positions = torch.arange(len(head), len(head) + width - 1).expand(n, -1)
                done = model(input_ids=ids[:, :-1], position_ids=positions, use_cache=True, **{name: past})
                later = torch.log_softmax(done.logits, -1)
                for i, tail in enumerate(tails):
                    sums[i] += sum(float(later[i, t, tail[t + 1]]) for t in range(len(tail) - 1))
        seconds = (time.perf_counter() - begun) / n
        return [
            Reply(score=total, prompt_tokens=len(head) + len(tail), seconds=round(seconds, 6))
            for total, tail in zip(sums, tails, strict=True)
        ]

    def _expanded(self, shared: Tokens, n: int) -> Any:
        """The attention state of a shared beginning, for n rows; computed once per beginning."""
        import torch

        if not shared:
            return None
        key = tuple(shared)
        with self._lock:
            if key not in self._kept:
                model, _ = self._load()
                read = model(input_ids=torch.tensor([shared]), use_cache=True, logits_to_keep=1)
                while len(self._kept) >= _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = read[attention_name(model)]
            past = copy.deepcopy(self._kept[key])
        past.batch_repeat_interleave(n)
        return past

    def close(self) -> None:
        """Free the model; the next request loads it again."""
        with self._lock:
            self._loaded = None
            self._kept.clear()

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self.folder)
            return self._loaded

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("name", "folder", "_identity")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def __deepcopy__(self, memo: dict[int, Any]) -> LocalBackend:
        return self  # weights are not to be copied


def _shared(prompts: list[Tokens]) -> Tokens:
    """The longest common beginning, if it is worth keeping; leaves every prompt at least one token."""
    first, last = min(prompts), max(prompts)
    most = min(len(p) for p in prompts) - 1
    n = next((i for i in range(most) if first[i] != last[i]), most)
    return first[:n] if n >= _LEAST_SHARED else []


def _load(folder: Path) -> tuple[Any, Any]:
    """The model and its tokenizer."""
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise MissingExtraError(error.name or "transformers", "llm", "A local language model") from error
    try:
        with weights.no_bars():
            model = AutoModelForCausalLM.from_pretrained(
                folder,
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
            )
            tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ArtifactError(
            f"The model in {folder} does not load: {error}. Expected a causal language model that transformers knows, "
            "as safetensors."
        ) from error
    model.eval()
    return model, tokenizer
