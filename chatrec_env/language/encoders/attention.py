"""The attention state of a causal model, under the name the installed transformers knows it by."""

from __future__ import annotations

import inspect
from typing import Any


def attention_name(model: Any) -> str:
    """Argument and output in which a model takes and returns its attention state.

    ``"cache"`` since transformers 5.24, where ``"past_key_values"`` warns; that one before, and in models that come
    with code of their own.
    """
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"
