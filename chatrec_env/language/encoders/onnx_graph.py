"""Graphs for ONNX Runtime, built in memory node by node; also that of a BERT, from its published weights."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError
from chatrec_env.language.encoders.weights import absent

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


class Pair(NamedTuple):
    """What a dense map multiplies by and adds, or a norm scales and shifts by."""

    weight: Any  # (N, K) of a map, (N,) of a norm
    bias: Any  # (N,)


class LayerWeights(NamedTuple):
    """A layer of BERT (Devlin et al. 2019)."""

    joined: Pair  # queries, keys and values, one below the other
    mixed: Pair
    norm1: Pair
    wide: Pair
    back: Pair
    norm2: Pair


class Graph:
    """Collects nodes and weights; methods that add a node return the name of its output.

    There is no mask: every token counts, so rows of a call must have one length. With ``int8`` the matrices of dense
    maps are 8-bit, and their inputs are rounded to 8 bits block by block and token by token, so a token's numbers
    depend on no other token's range, let alone another sentence's.

    Args:
        heads: Of the attention in each layer.
        epsilon: What norms add to a variance.
        gelu: ``"Gelu"``, or ``"FastGelu"`` with the hyperbolic tangent (Hendrycks and Gimpel, 2016).
        int8: See above.

    Raises:
        ArtifactError: ONNX or its runtime is not installed.
    """

    def __init__(self, *, heads: int, epsilon: float, gelu: str = "Gelu", int8: bool = False) -> None:
        # Read when it is loaded; else the runtime keeps a number of this machine in the home, and reports its use.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        try:
            import onnx  # noqa: F401
            import onnxruntime  # noqa: F401
        except ImportError as error:
            raise absent(error.name or "onnxruntime", "The language model") from error
        self.heads, self.epsilon, self.gelu, self.int8 = heads, epsilon, gelu, int8
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def keep(self, name: str, array: npt.NDArray[Any]) -> str:
        """A constant; floats in float32."""
        from onnx import numpy_helper

        array = array.astype(np.float32) if array.dtype.kind == "f" else array
        self._constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def node(
        self, kind: str, inputs: Sequence[str], *outputs: str, domain: str = "", **attributes: Any
    ) -> str:
        """An operation; the name of its first output."""
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def dense(self, state: str, at: str, by: Pair) -> str:
        """``state @ weight.T + bias``."""
        matrix, added = np.asarray(by.weight, np.float32).T, self.keep(f"{at}.b", by.bias)
        if not self.int8:
            product = self.node("MatMul", [state, self.keep(f"{at}.w", matrix)], f"{at}.product")
            return self.node("Add", [product, added], f"{at}.out")
        whole, scales = quantise(matrix)
        inputs = [state, self.keep(f"{at}.w", whole), self.keep(f"{at}.s", scales), "", "", added]
        k, n = matrix.shape
        return self.node(
            "MatMulNBits", inputs, f"{at}.out", domain=_FUSED, K=k, N=n, bits=8, block_size=BLOCK, accuracy_level=4
        )  # fmt: skip

    def layer(self, state: str, at: str, by: LayerWeights) -> str:
        """Attention and the two dense maps, each with its residual sum."""
        split = [f"{at}{name}" for name in ("q", "k", "v")]
        self.node(
            "Split", [self.dense(state, f"{at}joined", by.joined)], *split, axis=-1, num_outputs=len(split)
        )
        heard = self.node("MultiHeadAttention", split, f"{at}heard", domain=_FUSED, num_heads=self.heads)
        state = self._add_and_norm(self.dense(heard, f"{at}mixed", by.mixed), state, f"{at}first", by.norm1)
        wide = self.node(self.gelu, [self.dense(state, f"{at}wide", by.wide)], f"{at}gelu", domain=_FUSED)
        return self._add_and_norm(self.dense(wide, f"{at}back", by.back), state, f"{at}second", by.norm2)

    def norm(self, state: str, at: str, by: Pair) -> str:
        """LayerNorm."""
        pair = [self.keep(f"{at}.scale", by.weight), self.keep(f"{at}.shift", by.bias)]
        return self.node("LayerNormalization", [state, *pair], f"{at}.out", axis=-1, epsilon=self.epsilon)

    def _add_and_norm(self, new: str, old: str, at: str, by: Pair) -> str:
        pair = [self.keep(f"{at}.scale", by.weight), self.keep(f"{at}.shift", by.bias)]
        return self.node(
            "SkipLayerNormalization", [new, old, *pair], f"{at}.out", domain=_FUSED, epsilon=self.epsilon
        )

    def session(
        self,
        inputs: Mapping[str, tuple[type, Sequence[Any]]],
        outputs: Mapping[str, Sequence[Any]],
    ) -> Any:
        """The graph, ready to run on one thread.

        Args:
            inputs: Their types and shapes; a letter is a length that varies.
            outputs: The shapes of what comes out, float32.
        """
        import onnxruntime
        from onnx import helper

        given = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), shape)
            for name, (kind, shape) in inputs.items()
        ]
        single = helper.np_dtype_to_tensor_dtype(np.dtype(np.float32))
        told = [helper.make_tensor_value_info(name, single, shape) for name, shape in outputs.items()]
        graph = helper.make_graph(self._nodes, "chatrec", given, told, self._constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )


def bert_session(folder: Path, config: Mapping[str, Any], precision: str, layers: Sequence[int] = ()) -> Any:
    """The model of a folder as a session: ``ids (B, L)`` int64 to ``states (B, L, D)`` float32.

    The states after some of the inner ``layers``, counted from 1, follow as further outputs.

    Raises:
        ArtifactError: The model is not a BERT of the usual shape.
    """
    from safetensors.numpy import load_file

    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise ArtifactError(
            f"{folder} is no BERT with gelu: expected model_type 'bert' and hidden_act 'gelu' in config.json, got "
            f'{config.get("model_type")!r} and {config.get("hidden_act")!r}. Use the encoder "hub:FOLDER" for it.'
        )
    weights = load_file(folder / "model.safetensors")
    try:
        return _session(weights, config, precision == "int8", layers)
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"{folder / 'model.safetensors'} does not hold a BERT of the shape in config.json ({error!r}). "
            'Restore the files, or use the encoder "hub:FOLDER", which reads other shapes.'
        ) from error


def _session(weights: Mapping[str, Any], config: Mapping[str, Any], int8: bool, layers: Sequence[int]) -> Any:
    graph = Graph(heads=config["num_attention_heads"], epsilon=config["layer_norm_eps"], int8=int8)
    arrays = {name.removeprefix("bert."): array for name, array in weights.items()}

    def pair(name: str) -> Pair:
        return Pair(arrays[f"{name}.weight"], arrays[f"{name}.bias"])

    state, outputs = _embed(graph, arrays, pair("embeddings.LayerNorm")), ["states"]
    for number in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{number}."
        three = [pair(f"{at}attention.self.{name}") for name in ("query", "key", "value")]
        by = LayerWeights(
            joined=Pair(*map(np.concatenate, zip(*three, strict=True))),
            mixed=pair(f"{at}attention.output.dense"),
            norm1=pair(f"{at}attention.output.LayerNorm"),
            wide=pair(f"{at}intermediate.dense"),
            back=pair(f"{at}output.dense"),
            norm2=pair(f"{at}output.LayerNorm"),
        )
        state = graph.layer(state, at, by)
        if number + 1 in layers:
            outputs.append(graph.node("Identity", [state], f"after_{number + 1}"))
    graph.node("Identity", [state], "states")
    width = config["hidden_size"]
    return graph.session({"ids": (np.int64, ["B", "L"])}, {name: ["B", "L", width] for name in outputs})


def _embed(graph: Graph, arrays: Mapping[str, Any], norm: Pair) -> str:
    """Words plus places plus the one token type, normalised."""
    words = graph.keep("words", arrays["embeddings.word_embeddings.weight"])
    places = np.asarray(arrays["embeddings.position_embeddings.weight"], np.float32)
    places = places + np.asarray(arrays["embeddings.token_type_embeddings.weight"], np.float32)[0]
    length = graph.node("Shape", ["ids"], "length", start=1, end=2)
    nought = graph.keep("nought", np.zeros(1, np.int64))
    first = graph.node("Slice", [graph.keep("places", places), nought, length, nought], "first_places")
    total = graph.node("Add", [graph.node("Gather", [words, "ids"], "word_states"), first], "embedded")
    return graph.norm(total, "embeddings", norm)
