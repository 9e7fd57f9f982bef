"""Models and tokenizers as the library transformers loads and calls them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from chatrec_env.language.encoders import weights

_PURPOSE = "The language-model encoder"


def load_tokenizer(folder: Path, longest: int) -> Any:
    """The tokenizer of a folder, cutting texts after ``longest`` tokens, padding nothing."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise weights.absent("tokenizers", _PURPOSE) from error
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()  # the file asks for a fixed 128
    tokenizer.enable_truncation(longest)
    return tokenizer


def load_model(folder: Path) -> Any:
    """The model of a folder in float32, to be evaluated; the library's progress bar and notes stay off the terminal."""
    try:
        import torch
        from transformers import AutoModel
        from transformers.utils import logging as notes
    except ImportError as error:
        raise weights.absent(error.name or "transformers", _PURPOSE) from error
    verbosity, bars = notes.get_verbosity(), notes.is_progress_bar_enabled()
    notes.set_verbosity_error()
    notes.disable_progress_bar()
    try:
        model = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            attn_implementation="sdpa",
        )
    finally:
        notes.set_verbosity(verbosity)
        if bars:
            notes.enable_progress_bar()
    return model.eval().requires_grad_(False)


Layers: TypeAlias = Sequence[Any]
"""The states of a part's tokens: those of the embeddings, then after each layer, every one ``(B, T, D)``."""


def layer_states(model: Any) -> tuple[Callable[[Sequence[tuple[Any, Any]]], Sequence[Layers]], bool]:
    """A function to the states of a model's tokens, and whether it reads the weights once for all parts of a call.

    The function takes parts: token numbers ``(B, T)`` and which of them are real, ``(B, 1, 1, T)`` bool. For models
    such as MiniLM it makes the calls of the library's own model, so it has the same bits, but without its bookkeeping,
    which takes a quarter of the time of a short sentence.
    """
    config = model.config
    usual = getattr(config, "position_embedding_type", "absolute") == "absolute" and not config.is_decoder
    if (config.model_type, config.hidden_act) == ("bert", "gelu") and usual:
        return _bert_states(model), True

    def states(parts: Sequence[tuple[Any, Any]]) -> list[Layers]:
        return [
            tuple(model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states)
            for ids, mask in parts
        ]

    return states, False


def _bert_states(model: Any) -> Callable[[Sequence[tuple[Any, Any]]], Sequence[Layers]]:
    """The same of a BERT (Devlin et al. 2019); the tokens of all parts stand one after another, ``(M, D)``."""
    import torch
    from torch.nn import functional

    config, weights = model.config, model.state_dict()
    names = (
        *("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"),
        *("attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"),
    )
    words, places, kinds = (
        weights[f"embeddings.{n}_embeddings.weight"] for n in ("word", "position", "token_type")
    )

    def pair(name: str) -> tuple[Any, Any]:
        return weights[f"{name}.weight"], weights[f"{name}.bias"]

    def norm(x: Any, by: tuple[Any, Any]) -> Any:
        return functional.layer_norm(x, (config.hidden_size,), *by, config.layer_norm_eps)

    first = pair("embeddings.LayerNorm")
    layers = [[pair(f"encoder.layer.{i}.{n}") for n in names] for i in range(config.num_hidden_layers)]

    def states(parts: Sequence[tuple[Any, Any]]) -> list[Layers]:
        shapes = [ids.shape for ids, _ in parts]
        sizes = [b * t for b, t in shapes]

        def apart(x: Any) -> list[Any]:
            return [y.view(*shape, -1) for y, shape in zip(x.split(sizes), shapes, strict=True)]

        def headed(x: Any) -> list[Any]:
            return [y.unflatten(2, (config.num_attention_heads, -1)).transpose(1, 2) for y in apart(x)]

        read = (functional.embedding(ids, words) + kinds[0] + places[: ids.shape[1]] for ids, _ in parts)
        h = norm(torch.cat([x.flatten(0, 1) for x in read]), first)
        out = [apart(h)]
        for *three, mixed, norm1, wide, back, norm2 in layers:
            q, k, v = (headed(functional.linear(h, *one)) for one in three)
            attended = [
                functional.scaled_dot_product_attention(*qkv, attn_mask=mask).transpose(1, 2).flatten(2)
                for qkv, (_, mask) in zip(zip(q, k, v, strict=True), parts, strict=True)
            ]
            heard = torch.cat([x.flatten(0, 1) for x in attended])
            h = norm(functional.linear(heard, *mixed) + h, norm1)
            h = norm(functional.linear(functional.gelu(functional.linear(h, *wide)), *back) + h, norm2)
            out.append(apart(h))
        return list(zip(*out, strict=True))

    return states


def attention_name(model: Any) -> str:
    """Argument and output in which a model takes and returns its attention state.

    ``"cache"`` since transformers 5.24, where ``"past_key_values"`` warns; that one before, and in models that come
    with code of their own.
    """
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"


def utf8(text: str) -> str:
    """The text with lone surrogates (from careless JSON) replaced: the tokenizer takes only UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
