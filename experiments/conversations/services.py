"""``chatrec export`` and ``chatrec serve``: from a run folder to a service that answers real people."""

from __future__ import annotations

import gc
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro

from agents.policies import shipped_policy
from chatrec_env.errors import ArtifactError
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, pasted, print_json, say
from experiments.report.runlog import POLICIES, RUN, Run

OptionalNumber = Annotated[float | None, tyro.conf.arg(metavar="FLOAT", help_behavior_hint="")]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportConfig:
    """Write a policy for serving: weights as safetensors beside JSON, checked by loading it again.

    Attributes:
        policy: A run folder or a policy folder.
        out: Folder to write; default: exported/NAME in the run folder.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        explore: Probability with which any legal action is taken when it is served, so that its logs can judge others;
            default: as in the export that is renewed, else 0.
        temperature: Its actions are drawn when it is served, the less evenly the nearer to 0 (docs/off_policy.md); 0:
            always the likeliest; default: as in the export that is renewed, else 0.
        json: Print the outcome as JSON.
    """

    policy: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")]
    out: Annotated[Path | None, tyro.conf.Positional, tyro.conf.arg(metavar="OUT", help_behavior_hint="")] = (
        None
    )
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    explore: OptionalNumber = None
    temperature: OptionalNumber = None
    json: bool = False

    def __post_init__(self) -> None:
        check_softness(self.explore, self.temperature)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServeConfig:
    """Answer real people on this machine: an API and one web page, sessions kept in SQLite.

    Attributes:
        policy: What `chatrec export` wrote; or a run folder, whose policy is exported first; default: the policy that
            comes with the package for --catalog.
        catalog: Built-in catalogue whose policy is served where none is named.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        host: Address to listen on.
        port: Port to listen on.
        db: SQLite file with all sessions; created if need be.
        allow_remote: Let other machines in; needs a token in the environment variable CHATREC_TOKEN.
        hosts: Further host names to answer to, such as that of a proxy in front of it.
        forget_days: Delete sessions in which nothing was said for so many days, at the start and every hour.
        explore: Probability with which any legal action is taken instead of the policy's own, its chances kept: without
            it, sessions say nothing of what else could have been done (docs/off_policy.md); default: as exported.
        temperature: Actions are drawn, the less evenly the nearer to 0, their chances kept; 0: always the likeliest;
            default: as exported.
    """

    policy: Annotated[
        Path | None, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY", help_behavior_hint="")
    ] = None
    catalog: str = "movies"
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    host: str = "127.0.0.1"
    port: int = 8000
    db: Path = Path("sessions.sqlite")
    allow_remote: bool = False
    hosts: tuple[str, ...] = ()
    forget_days: Annotated[float | None, tyro.conf.arg(metavar="DAYS", help_behavior_hint="")] = None
    explore: OptionalNumber = None
    temperature: OptionalNumber = None

    def __post_init__(self) -> None:
        check_softness(self.explore, self.temperature)


def check_softness(explore: float | None, temperature: float | None) -> None:
    """Refuse options before any work.

    Raises:
        ConfigError: If one is out of range.
    """
    from agents.stochastic import Softness

    Softness().but(explore, temperature)


def checkpoint_of(policy: Path, agent: str | None) -> tuple[Path, Path | None]:
    """The checkpoint folder that is meant, and the run folder it lies in if a run was named.

    Raises:
        ArtifactError: If there is no such folder, or the run is damaged.
        ConfigError: If the run has no such policy.
    """
    if not policy.is_dir():
        raise ArtifactError(f"{policy} is no folder. Expected a run folder, or a policy folder inside one.")
    if not (policy / RUN).exists():
        return policy, None
    return Run.open(policy).choose(agent), policy


def export(config: ExportConfig) -> int:
    """Run the command; returns its exit code."""
    from agents.checkpoints import HEADER
    from agents.export import export_policy, softness_kept
    from agents.export_place import foreign, some

    checkpoint, run = checkpoint_of(config.policy, config.agent)
    place = run or checkpoint.parent
    if place.name == POLICIES:  # of a run, where each folder is a policy it has learned
        place = place.parent
    out = config.out or place / "exported" / checkpoint.name
    renewed = (out / HEADER).exists()
    with Meter().work(f"Exporting {checkpoint.name} and checking it"):
        written = export_policy(checkpoint, out, explore=config.explore, temperature=config.temperature)
    softness, beside = softness_kept(written), foreign(written)
    if config.json:
        kept = {"renewed": renewed, "beside": beside, **asdict(softness)}
        print_json({"policy": checkpoint, "export": written, **kept})
    else:
        if beside:
            say(f"Beside it, and left as it was: {clean(some(beside))}")
        told = f"The export in {clean(written)} was renewed" if renewed else "Exported"
        told += f", softened by {softness.told()}" if softness.told() else ""
        say(f"{told}. Serve it with: {pasted('serve', written)}")
    return 0


def serve(config: ServeConfig) -> int:
    """Run the command; returns its exit code."""
    from agents.export import export_policy
    from agents.serving import serve as run_service
    from agents.serving.http.server import check_ready

    check_ready(config.host, config.port, allow_remote=config.allow_remote, forget_days=config.forget_days)
    folder, run = checkpoint_of(config.policy or shipped_policy(config.catalog), config.agent)
    if run is not None:
        out = run / "exported" / folder.name
        with Meter().work(f"Exporting {folder.name} and checking it"):
            folder = export_policy(folder, out)
    try:
        run_service(
            folder,
            config.host,
            config.port,
            config.db,
            allow_remote=config.allow_remote,
            hosts=config.hosts,
            forget_days=config.forget_days,
            explore=config.explore,
            temperature=config.temperature,
            step=Meter().work,
        )
    finally:
        gc.freeze()  # the process ends: a last collection of all that was loaded would take seconds
    return 0
