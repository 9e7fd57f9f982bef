"""The subcommands of ``chatrec``: where each is, and what its help shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand.

    Attributes:
        module: Where it is; imported only when asked for, so that the others start fast.
        config: Its options, a frozen dataclass of that module.
        function: What runs it, of that module: takes the options, returns an exit code (or None).
        summary: One line for ``chatrec --help``.
        examples: Lines for its own ``--help``.
        extra: Optional dependencies it needs.
    """

    module: str
    config: str
    function: str
    summary: str
    examples: tuple[str, ...]
    extra: str = ""


COMMANDS: dict[str, Command] = {
    "demo": Command(
        "experiments.train.demo",
        "DemoConfig",
        "demo",
        "train three agents on the built-in films, compare them, write a report",
        ("chatrec demo", "chatrec demo --seed 1 --out runs/second", "chatrec demo --fast"),
    ),
    "train": Command(
        "experiments.train.train",
        "TrainConfig",
        "train",
        "train one agent; resumable",
        (
            "chatrec train --agent ppo --env ChatRec/Items-v0 --scenario full --turns 800000 --seed 0",
            "chatrec train --agent q_learning --out runs/q --encoder hash --turns 50000",
            "chatrec train --agent ppo --set learning_rate=0.0005 ent_coef=0.02",
            "chatrec train --resume runs/q",
        ),
    ),
    "evaluate": Command(
        "experiments.evaluate.evaluate",
        "EvaluateConfig",
        "evaluate",
        "let policies meet the same unseen people; one table with 95% intervals",
        (
            "chatrec evaluate runs/demo --people 2000",
            "chatrec evaluate runs/demo/policies/ppo greedy random --json > table.json",
            "chatrec evaluate random greedy ask_then_recommend --scenario null --encoder hash",
        ),
    ),
    "watch": Command(
        "experiments.conversations.watch",
        "WatchConfig",
        "watch",
        "one conversation turn by turn: beliefs, candidates, reasons, rewards",
        ("chatrec watch runs/demo --person 7", "chatrec watch greedy --encoder hash"),
    ),
    "chat": Command(
        "experiments.conversations.chat",
        "ChatConfig",
        "chat",
        "talk to a policy yourself, here in the terminal",
        ("chatrec chat runs/demo", "chatrec chat ask_then_recommend --encoder hash"),
    ),
    "doctor": Command(
        "experiments.cli.doctor",
        "DoctorConfig",
        "doctor",
        "versions, models, caches; what is missing and the line that fixes it",
        ("chatrec doctor", "chatrec doctor --json"),
    ),
    "models": Command(
        "experiments.simulator.models",
        "ModelsConfig",
        "models",
        "the language models that play people: what is here, and fetching one",
        ("chatrec models list", "chatrec models get smollm2"),
        extra="llm",
    ),
    "encoders": Command(
        "experiments.language.encoders",
        "EncodersConfig",
        "encoders",
        "what encodes the conversation: what is here, how fast, how well it agrees",
        ("chatrec encoders", "chatrec encoders --compare minilm-int8 minilm-onnx hash --sentences 256"),
    ),
    "catalog": Command(
        "experiments.own_data.catalogs",
        "CatalogConfig",
        "catalog",
        "check a table of items, draft its declaration, list the built-in domains",
        (
            "chatrec catalog list",
            "chatrec catalog draft wines.csv",
            "chatrec catalog check wines.csv",
            "chatrec catalog check wines.csv --json > wines-report.json",
        ),
    ),
    "understand": Command(
        "experiments.language.understand",
        "UnderstandConfig",
        "understand",
        "how well the parser reads real dialogues, against labels made by hand",
        (
            "chatrec understand --dialogues path/to/ccpe",
            "chatrec understand --dialogues ccpe --json > understanding.json",
        ),
    ),
    "fidelity": Command(
        "experiments.simulator.fidelity",
        "FidelityConfig",
        "fidelity",
        "people made of language beside the scripted ones, and both beside real people",
        (
            'chatrec fidelity --users \'{"name": "llm", "backend": "llamacpp"}\' --people 40 --max-turns 8',
            "chatrec fidelity --dialogues path/to/ccpe --ratings path/to/ml-latest-small",
            "chatrec fidelity runs/demo/policies/ppo --replay --json > fidelity.json",
        ),
        extra="llm",
    ),
    "rank": Command(
        "experiments.simulator.rank",
        "RankConfig",
        "rank",
        "whether policies rank alike with scripted people and with people made of language",
        (
            "chatrec rank random popular greedy ask_then_recommend runs/demo/policies/ppo",
            'chatrec rank --users \'{"name": "llm", "backend": "llamacpp", "mode": "choice"}\' --people 40',
        ),
        extra="llm",
    ),
    "calibrate": Command(
        "experiments.calibrate.calibrate",
        "CalibrateConfig",
        "calibrate",
        "fit a population of people to real ratings; held-out check, realism, a preset",
        (
            "chatrec calibrate --ratings path/to/ml-latest-small",
            "chatrec calibrate --ratings path/to/ml-1m --split time --json > calibration.json",
            'chatrec train --users \'{"name": "scripted", "population": "ml-small"}\'',
        ),
        extra="calibrate",
    ),
    "recall": Command(
        "experiments.calibrate.recall",
        "RecallConfig",
        "recall",
        "what retrieval finds of what real people went on to like: content, collaborative, blended, popularity",
        (
            "chatrec recall --ratings path/to/ml-latest-small",
            "chatrec recall --ratings path/to/ml-1m --k 10 50 100 --json > recall.json",
        ),
        extra="collaborative",
    ),
    "export": Command(
        "experiments.conversations.services",
        "ExportConfig",
        "export",
        "write a policy for serving: safetensors and JSON",
        ("chatrec export runs/demo/policies/ppo exported/ppo",),
    ),
    "serve": Command(
        "experiments.conversations.services",
        "ServeConfig",
        "serve",
        "answer real people on localhost: API and web page",
        ("chatrec serve exported/ppo", "chatrec serve exported/ppo --port 9000"),
        extra="serve",
    ),
    "science": Command(
        "experiments.evaluate.science",
        "ScienceConfig",
        "science",
        "the published comparison: every policy, scenario and training seed (long)",
        ("chatrec science", "chatrec science --json > science.json"),
    ),
    "domains": Command(
        "experiments.evaluate.domains",
        "DomainsConfig",
        "domains",
        "PPO against the best heuristic in every domain (long)",
        (
            "chatrec domains",
            "chatrec domains --catalogs music travel --turns 100000 --people 500",
            "chatrec domains --json > domains.json",
        ),
    ),
    "headroom": Command(
        "experiments.evaluate.headroom",
        "HeadroomConfig",
        "headroom",
        "what there is to win in each scenario, up to a planner that knows the person",
        (
            "chatrec headroom",
            "chatrec headroom --scenarios null satiation --people 1000 --json > headroom.json",
        ),
    ),
    "bench": Command(
        "experiments.benchmarks.speed",
        "BenchConfig",
        "benchmark",
        "turns per CPU-second, beside Gymnasium's CartPole-v1",
        ("chatrec bench",),
    ),
}


def overview() -> str:
    """What ``chatrec --help`` prints."""
    wide = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{wide}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        (
            "usage: chatrec COMMAND [OPTIONS]",
            "",
            "Chat-Rec: the Gymnasium of conversational recommendation.",
            "",
            *lines,
            "",
            "chatrec COMMAND --help tells a command's options, with examples. Tables are printed as JSON",
            "with --json; progress goes to standard error. Exit codes: 0 fine, 2 an error named in one line,",
            "130 stopped with Ctrl-C or SIGTERM (finished work is kept).",
            "",
            "Begin with:  chatrec demo",
        )
    )
