"""Models and tokenizers as the library transformers loads and calls them."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

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


def attention_name(model: Any) -> str:
    """Argument and output in which a model takes and returns its attention state.

    ``"cache"`` since transformers 5.24, where ``"past_key_values"`` warns; that one before, and in models that come
    with code of their own.
    """
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"


def utf8(text: str) -> str:
    """The text with lone surrogates (from careless JSON) replaced: the tokenizer takes only UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
