"""A BERT encoder's weights as an ONNX graph, in float32 or with 8-bit matrices; built in memory, nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError, MissingExtraError

PRECISIONS = ("float32", "int8")
BLOCK = 64
"""Inputs of a matrix that share one scale."""

_FUSED = "com.microsoft"
_OPSET, _IR = 18, 10
_HALF = 128  # the zero of an unsigned 8-bit weight

Floats = npt.NDArray[np.float32]


def quantise(matrix: Floats) -> tuple[npt.NDArray[np.uint8], Floats]:
    """8-bit weights of a matrix ``(K, N)``, with one scale per column and block of ``BLOCK`` inputs.

    Symmetric: ``w = (q - 128) * scale`` with ``scale = max|w| / 127`` of the block, rounded to nearest.

    Returns:
        ``(N, K / BLOCK, BLOCK)`` uint8 and ``(N, K / BLOCK)`` float32.
    """
    blocks = matrix.T.reshape(matrix.shape[1], -1, BLOCK)
    scales = np.abs(blocks).max(-1) / np.float32(127)
    safe = np.where(scales > 0, scales, np.float32(1))
    return (np.rint(blocks / safe[..., None]) + _HALF).astype(np.uint8), scales.astype(np.float32)


def build(folder: Path, config: Mapping[str, Any], precision: str, layers: Sequence[int] = ()) -> bytes:
    """The model of a folder as a serialised ONNX graph: ``ids (B, L)`` int64 to ``states (B, L, D)`` float32.

    The states after some of the inner ``layers``, counted from 1, follow as further outputs.

    There is no mask: every token counts, so rows of a call must have one length. With ``"int8"`` the matrices are
    8-bit, and their inputs are rounded to 8 bits block by block and token by token, so a token's numbers depend
    on no other token's range, let alone another sentence's.

    Raises:
        MissingExtraError: The package onnx is not installed.
        ArtifactError: The model is not a BERT of the usual shape.
    """
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("onnx", "onnx", "MiniLM through ONNX Runtime") from error
    from safetensors.numpy import load_file

    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise ArtifactError(
            f"{folder} is no BERT with gelu: expected model_type 'bert' and hidden_act 'gelu' in config.json, got "
            f'{config.get("model_type")!r} and {config.get("hidden_act")!r}. Use the encoder "hub:FOLDER" for it.'
        )
    weights = load_file(folder / "model.safetensors")
    try:
        return _Builder(weights, config, precision).model(layers)
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"{folder / 'model.safetensors'} does not hold a BERT of the shape in config.json ({error!r}). "
            'Restore the files, or use the encoder "hub:FOLDER", which reads other shapes.'
        ) from error


class _Builder:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(
        self, weights: Mapping[str, npt.NDArray[Any]], config: Mapping[str, Any], precision: str
    ) -> None:
        self.weights = {name.removeprefix("bert."): array for name, array in weights.items()}
        self.config, self.int8 = config, precision == "int8"
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def model(self, layers: Sequence[int]) -> bytes:
        """The whole graph."""
        from onnx import TensorProto, helper

        state = self.embed()
        outputs = ["states"]
        for layer in range(self.config["num_hidden_layers"]):
            state = self.layer(state, f"encoder.layer.{layer}.")
            if layer + 1 in layers:
                outputs.append(self.node("Identity", [state], f"after_{layer + 1}"))
        self.node("Identity", [state], "states")
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", "L"])
        width = self.config["hidden_size"]
        shape = ["B", "L", width]
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in outputs]
        graph = helper.make_graph(self.nodes, "bert", [ids], given, self.constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
        done: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=_IR).SerializeToString()
        return done

    def read(self, name: str) -> Floats:
        """A tensor of the file, as float32."""
        return np.asarray(self.weights[name], np.float32)

    def keep(self, name: str, array: npt.NDArray[Any]) -> str:
        """A constant."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], out: str, domain: str = "", **attributes: Any) -> str:
        """An operation."""
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [out], domain=domain, **attributes))
        return out

    def embed(self) -> str:
        """Words plus places plus the one token type, normalised."""
        words = self.keep("words", self.read("embeddings.word_embeddings.weight"))
        places = self.read("embeddings.position_embeddings.weight")
        places = places + self.read("embeddings.token_type_embeddings.weight")[0]
        length = self.node("Shape", ["ids"], "length", start=1, end=2)
        nought = self.keep("nought", np.zeros(1, np.int64))
        first = self.node("Slice", [self.keep("places", places), nought, length, nought], "first_places")
        total = self.node("Add", [self.node("Gather", [words, "ids"], "word_states"), first], "embedded")
        scale = self.keep("scale", self.read("embeddings.LayerNorm.weight"))
        shift = self.keep("shift", self.read("embeddings.LayerNorm.bias"))
        eps = self.config["layer_norm_eps"]
        return self.node("LayerNormalization", [total, scale, shift], "layer_0", axis=-1, epsilon=eps)

    def layer(self, state: str, at: str) -> str:
        """Attention and the two dense maps, each with its residual sum."""
        parts = [f"{at}attention.self.{name}." for name in ("query", "key", "value")]
        matrix = np.concatenate([self.read(part + "weight") for part in parts])
        bias = np.concatenate([self.read(part + "bias") for part in parts])
        joined = self.dense(state, at + "joined", matrix, bias)
        split = [at + name for name in ("q", "k", "v")]
        from onnx import helper

        self.nodes.append(helper.make_node("Split", [joined], split, axis=-1, num_outputs=3))
        heads = self.config["num_attention_heads"]
        mixed = self.node("MultiHeadAttention", split, at + "mixed", _FUSED, num_heads=heads)
        state = self.add_and_norm(
            self.linear(mixed, at + "attention.output.dense"), state, at + "attention.output"
        )
        wide = self.node("Gelu", [self.linear(state, at + "intermediate.dense")], at + "wide", _FUSED)
        return self.add_and_norm(self.linear(wide, at + "output.dense"), state, at + "output")

    def add_and_norm(self, new: str, old: str, at: str) -> str:
        """LayerNorm of a sum."""
        scale = self.keep(f"{at}.scale", self.read(f"{at}.LayerNorm.weight"))
        shift = self.keep(f"{at}.shift", self.read(f"{at}.LayerNorm.bias"))
        eps = self.config["layer_norm_eps"]
        return self.node("SkipLayerNormalization", [new, old, scale, shift], f"{at}.sum", _FUSED, epsilon=eps)

    def linear(self, state: str, at: str) -> str:
        """A dense map of the file."""
        return self.dense(state, at, self.read(f"{at}.weight"), self.read(f"{at}.bias"))

    def dense(self, state: str, at: str, weight: Floats, bias: Floats) -> str:
        """``state @ weight.T + bias`` with ``weight (N, K)``."""
        matrix, added = weight.T, self.keep(f"{at}.b", bias)
        if not self.int8:
            product = self.node("MatMul", [state, self.keep(f"{at}.w", matrix)], f"{at}.product")
            return self.node("Add", [product, added], f"{at}.out")
        whole, scales = quantise(matrix)
        inputs = [state, self.keep(f"{at}.w", whole), self.keep(f"{at}.s", scales), "", "", added]
        k, n = matrix.shape
        return self.node(
            "MatMulNBits", inputs, f"{at}.out", _FUSED, K=k, N=n, bits=8, block_size=BLOCK, accuracy_level=4
        )  # fmt: skip
