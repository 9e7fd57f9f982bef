"""BERT's layers as the bare operations: a short text spends more in the library's wrappers than in the arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Layers = Callable[[Any, Any], list[Any]]
"""From token ids ``(n, T)`` and a mask ``(n, 1, 1, T)`` to the states ``(n, T, D)`` before and after each layer."""


def layers_of(model: Any) -> Layers:
    """How to run a model: its operations alone where it is a plain BERT encoder, else the library's own call.

    Both make the same calls of the tensor library in the same order, so their bits are the same.

    Args:
        model: A ``transformers`` model of the encoder kind, in evaluation mode, with ``sdpa`` attention.
    """
    plain = type(model).__name__ == "BertModel" and not model.config.is_decoder
    return _bare(model) if plain else _by_library(model)


def _by_library(model: Any) -> Layers:
    def layers(ids: Any, mask: Any) -> list[Any]:
        return list(model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states)

    return layers


def _bare(model: Any) -> Layers:
    from torch.nn import functional

    linear, norm = functional.linear, functional.layer_norm
    first = model.embeddings
    words, places = first.word_embeddings.weight, first.position_embeddings.weight
    kind, heads = first.token_type_embeddings.weight[0], model.config.num_attention_heads
    width, epsilon = (model.config.hidden_size,), model.config.layer_norm_eps
    size = width[0] // heads

    def of(module: Any) -> tuple[Any, Any]:
        return module.weight, module.bias

    start = of(first.LayerNorm)
    parts = []
    for layer in model.encoder.layer:
        own, out = layer.attention.self, layer.attention.output
        parts.append(
            (
                (of(own.query), of(own.key), of(own.value)),
                (of(out.dense), of(out.LayerNorm)),
                (of(layer.intermediate.dense), layer.intermediate.intermediate_act_fn),
                (of(layer.output.dense), of(layer.output.LayerNorm)),
                own.scaling,
            )
        )

    def layers(ids: Any, mask: Any) -> list[Any]:
        n, length = ids.shape
        states = functional.embedding(ids, words) + kind
        states = norm(states + places[:length], width, *start, epsilon)
        all_states = [states]
        for projections, (out, out_norm), (wide, activate), (narrow, narrow_norm), scaling in parts:
            query, key, value = (
                linear(states, *one).view(n, length, heads, size).transpose(1, 2) for one in projections
            )
            heard = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scaling)
            heard = heard.transpose(1, 2).reshape(n, length, width[0])
            states = norm(linear(heard, *out) + states, width, *out_norm, epsilon)
            states = norm(
                linear(activate(linear(states, *wide)), *narrow) + states, width, *narrow_norm, epsilon
            )
            all_states.append(states)
        return all_states

    return layers
