"""The fitted network that reads, on ONNX Runtime; in ``experiments.language.reader_network`` it is fitted.

Of a token inside a mention only a share of its state is taken, and vectors of the mention's kind and of what the rules
read of it are added: so how things are said is learned, not what is named. Vectors of what came before and of the acts
that the rules read are added to the first token. Layers are those of Devlin et al. 2019. Acts are read off the first
token, mean and maximum over tokens, and the rules' acts; the rest off each token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError
from chatrec_env.language.encoders.onnx_graph import Graph, LayerWeights, Pair
from chatrec_env.language.learned.heard import Floats, Heard, Logits, Shape

KEPT: Final = 0.3
"""Share of a token's own state that is heard inside a mention; the rest tells only the mention's kind."""


class Network:
    """Token states to logits of acts, and by token of roles, strengths and whose wish it is; message by message.

    Args:
        weights: By the names of ``experiments.language.reader_network.Network``.

    Raises:
        ArtifactError: The weights do not fit the shape; ONNX or its runtime is not installed.
    """

    def __init__(self, weights: Mapping[str, npt.NDArray[Any]], shape: Shape) -> None:
        try:
            self._weights = {name: np.asarray(array, np.float32) for name, array in weights.items()}
            self._session = self._graph(shape)
            self.say(_silence(shape, self._weights["told.weight"].shape[1]), 0)
        except ArtifactError:
            raise
        except Exception as error:
            raise ArtifactError(
                f"These are not the weights of a reader's network of {shape}: {error!r}. Fit them again with: "
                "python -m experiments.language.fit_reader"
            ) from error

    def say(self, heard: Heard, after: int) -> Logits:
        """The logits of a message.

        Args:
            heard: T tokens of it.
            after: Index into :data:`.scheme.AFTER`: what the system did just before.
        """
        acts, roles, strengths, other = self._session.run(
            None, {"heard": self._first(heard, after)[None], "told": heard.told[None]}
        )
        signed = self._weights["signed.weight"][heard.signs]
        return Logits(acts[0], roles[0] + signed, strengths[0], other[0, :, 0])

    def _first(self, heard: Heard, after: int) -> Floats:
        """What the first layer takes, (T, D)."""
        table = self._weights
        share = np.where(heard.kinds > 0, np.float32(KEPT), np.float32(1))[:, None]
        out = heard.states * share + table["kind.weight"][heard.kinds]
        out += heard.begins[:, None].astype(np.float32) * table["begin"] + table["sign.weight"][heard.signs]
        out[0] += table["after.weight"][after] + (table["told.weight"] * heard.told).sum(-1)
        return np.asarray(out, np.float32)

    def _graph(self, shape: Shape) -> Any:
        graph = Graph(heads=shape.heads, epsilon=1e-12, gelu="FastGelu")

        def pair(name: str) -> Pair:
            return Pair(self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

        state = "heard"
        for number in range(shape.layers):
            at = f"layers.{number}."
            state = graph.layer(state, at, LayerWeights(*(pair(at + name) for name in LayerWeights._fields)))
        tokens = graph.keep("tokens", np.array([1]))
        mean = graph.node("ReduceMean", [state, tokens], "mean", keepdims=0)
        most = graph.node("ReduceMax", [state, tokens], "most", keepdims=0)
        first = graph.node("Gather", [state, graph.keep("nought", np.array(0))], "first", axis=1)
        pooled = graph.node("Concat", [first, mean, most, "told"], "pooled", axis=1)
        made = {"acts": graph.dense(pooled, "acts", pair("acts"))}
        made |= {name: graph.dense(state, name, pair(name)) for name in ("roles", "strengths", "other")}
        for name, out in made.items():
            graph.node("Identity", [out], name)
        told, width = self._weights["told.weight"].shape[1], shape.width
        outputs: dict[str, list[Any]] = {
            name: ["B", "T", len(self._weights[f"{name}.bias"])] for name in made
        }
        del outputs["acts"][1]
        return graph.session(
            {"heard": (np.float32, ["B", "T", width]), "told": (np.float32, ["B", told])}, outputs
        )


def _silence(shape: Shape, told: int) -> Heard:
    """A message of one token of which nothing is known."""
    none = np.zeros(1, np.int64)
    return Heard(np.zeros((1, shape.width), np.float32), none, none, none, np.zeros(told, np.float32))
