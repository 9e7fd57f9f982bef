"""The subcommands of ``chatrec``: the one place that a new one is declared in."""

from __future__ import annotations

import shutil
import textwrap

from experiments.cli.command import Command

COMMANDS: dict[str, Command] = {
    "demo": Command(
        "experiments.train.demo:demo",
        "train three agents on the built-in films, compare them, write a report",
        ("chatrec demo", "chatrec demo --seed 1 --out runs/second", "chatrec demo --fast"),
    ),
    "train": Command(
        "experiments.train.train:train",
        "train one agent; resumable",
        (
            "chatrec train --agent ppo --env ChatRec/Items-v0 --scenario full --turns 800000 --seed 0",
            "chatrec train --agent q_learning --out runs/q --encoder hash --turns 50000",
            "chatrec train --agent ppo --set learning_rate=0.0005 ent_coef=0.02",
            "chatrec train --resume runs/q",
        ),
    ),
    "tune": Command(
        "experiments.train.search:search",
        "search the hyperparameters of a learner with Optuna; resumable",
        (
            "chatrec tune --agent deep_q_learning --encoder hash --trials 20 --turns 20000",
            'chatrec tune --agent dqn --space \'{"learning_rate": {"low": 1e-4, "high": 1e-2, "log": true}}\'',
            "chatrec tune --resume runs/tune-deep_q_learning-items --trials 60",
            "chatrec train --agent deep_q_learning --tuned runs/tune-deep_q_learning-items/tuned.json",
        ),
        extra="tune",
    ),
    "evaluate": Command(
        "experiments.evaluate.evaluate:evaluate",
        "let policies meet the same unseen people; one table with 95% intervals",
        (
            "chatrec evaluate runs/demo --people 2000",
            "chatrec evaluate runs/demo/policies/ppo greedy random --json > table.json",
            "chatrec evaluate random greedy ask_then_recommend --scenario null --encoder hash",
            "chatrec evaluate greedy mmr random --env ChatRec/Slate-v0 --scenario satiation",
            "chatrec evaluate greedy bayes-planner --encoder hash --people 100",
        ),
    ),
    "compare": Command(
        "experiments.evaluate.compare:compare",
        "every measure of every policy on the same people, by segment, and what pairing saves",
        (
            "chatrec compare greedy random ask_then_recommend --encoder hash",
            "chatrec compare runs/demo greedy --within 0.1 --people 20000",
            "chatrec compare greedy popular --scenario retention --rating-history mixed --json > compare.json",
        ),
    ),
    "watch": Command(
        "experiments.conversations.watch:watch",
        "one conversation turn by turn: beliefs, candidates, reasons, rewards",
        ("chatrec watch runs/demo --person 7", "chatrec watch greedy --encoder hash"),
    ),
    "what-if": Command(
        "experiments.conversations.what_if:what_if",
        "what every other action of a turn would have led to, with the same person in the same mood",
        (
            "chatrec what-if greedy --encoder hash --person 7 --turn 3",
            "chatrec what-if runs/demo --agent ppo",
            "chatrec what-if runs/log --episode 7 --turn 3",
        ),
    ),
    "chat": Command(
        "experiments.conversations.chat:chat",
        "talk to a policy yourself, here in the terminal",
        ("chatrec chat", "chatrec chat --catalog music", "chatrec chat runs/demo"),
    ),
    "play": Command(
        "experiments.conversations.play:play",
        "scripted conversations against a policy as it is served: transcripts, and what goes wrong",
        ("chatrec play greedy", "chatrec play runs/demo --agent ppo --json > played.json"),
    ),
    "doctor": Command(
        "experiments.cli.doctor:doctor",
        "versions, models, caches; what is missing and the line that fixes it",
        ("chatrec doctor", "chatrec doctor --json"),
    ),
    "models": Command(
        "experiments.simulator.models:models",
        "the language models of the LLM user simulator: what is here, and fetching one",
        ("chatrec models list", "chatrec models get smollm2"),
        extra="llm",
    ),
    "encoders": Command(
        "experiments.language.encoders:encoders",
        "what encodes the conversation: what is here, how fast, how well it agrees",
        ("chatrec encoders", "chatrec encoders --compare minilm-int8 hash --sentences 256"),
    ),
    "catalog": Command(
        "experiments.own_data.catalogs:catalog",
        "check a table of items, draft its declaration, list the built-in domains",
        (
            "chatrec catalog list",
            "chatrec catalog draft wines.csv",
            "chatrec catalog check wines.csv",
            "chatrec catalog check wines.csv --json > wines-report.json",
        ),
    ),
    "eval-nlu": Command(
        "experiments.language.eval_nlu:eval_nlu",
        "how well the parser reads real dialogues, against labels made by hand",
        ("chatrec eval-nlu --dialogues path/to/ccpe", "chatrec eval-nlu --dialogues ccpe --json > nlu.json"),
        formerly="understand",
    ),
    "eval-talk": Command(
        "experiments.simulator.eval_talk:eval_talk",
        "how scripted people talk, beside real people: variety, repeats, questions, what they do",
        ("chatrec eval-talk", "chatrec eval-talk --catalog travel --read 300"),
    ),
    "eval-simulator": Command(
        "experiments.simulator.eval_simulator:eval_simulator",
        "how like real people simulated ones are, and how well they judge systems; or an LLM's beside scripted ones",
        (
            "chatrec eval-simulator --dialogues path/to/ccpe",
            "chatrec eval-simulator runs/demo greedy random --people 1000 --json > simulators.json",
            "chatrec eval-simulator --simulators talk=chat scenario=noisy --dialogues path/to/crsarena",
            'chatrec eval-simulator --users \'{"name": "llm", "backend": "llamacpp"}\' --people 40 --max-turns 8',
            "chatrec eval-simulator runs/demo/policies/ppo --users llm --replay --ratings path/to/ml-latest-small",
        ),
        extra="llm",
        formerly="fidelity",
    ),
    "simulator-agreement": Command(
        "experiments.simulator.agreement:simulator_agreement",
        "whether policies rank alike with scripted users and with the LLM user simulator",
        (
            "chatrec simulator-agreement random popular greedy ask_then_recommend runs/demo/policies/ppo",
            'chatrec simulator-agreement --users \'{"name": "llm", "mode": "choice"}\' --people 40',
        ),
        extra="llm",
        formerly="rank",
    ),
    "rank-systems": Command(
        "experiments.simulator.ranking:rank_systems",
        "how several user simulators rank the same systems, and on which of them they disagree",
        (
            "chatrec rank-systems",
            "chatrec rank-systems runs/demo greedy random --simulators scenario=full talk=crs --people 2000",
            "chatrec rank-systems --simulators talk=chat noise=1 noise=2 users=llm --people 20 --out runs/ranked",
        ),
    ),
    "sessions": Command(
        "experiments.simulator.sessions:sessions",
        "simulated conversations in the formats of SimEval-IR and of DialogueKit (UserSimCRS)",
        (
            "chatrec sessions greedy --talk crs --encoder hash --people 500 --out sessions.jsonl",
            "chatrec sessions runs/demo --agent ppo --format dialoguekit",
        ),
    ),
    "calibrate": Command(
        "experiments.calibrate.calibrate:calibrate",
        "fit a population of simulated users to real ratings; held-out check, realism, a preset",
        (
            "chatrec calibrate --ratings path/to/ml-latest-small",
            "chatrec calibrate --ratings ratings.csv --items wines.csv --scale 1 10",
            "chatrec calibrate --ratings path/to/ml-1m --split time --json > calibration.json",
            'chatrec train --users \'{"name": "scripted", "population": "ml-small"}\'',
        ),
        extra="calibrate",
    ),
    "fit-themes": Command(
        "experiments.train.themes:fit_themes",
        "learn what people want that no facet holds, and how they say it, for themes=...",
        (
            "chatrec fit-themes --catalog travel --out runs/travel.safetensors",
            "chatrec evaluate greedy --catalog travel --scenario own_words --semantic 1 --themes learned",
        ),
    ),
    "recall": Command(
        "experiments.calibrate.recall:recall",
        "what retrieval finds of what real people went on to like: content, collaborative, blended, popularity",
        (
            "chatrec recall --ratings path/to/ml-latest-small",
            "chatrec recall --ratings ratings.csv --items wines.csv --user-column customer",
            "chatrec recall --ratings path/to/ml-1m --k 10 50 100 --json > recall.json",
        ),
        extra="collaborative",
    ),
    "export": Command(
        "experiments.conversations.services:export",
        "write a policy for serving: safetensors and JSON",
        ("chatrec export runs/demo/policies/ppo exported/ppo",),
    ),
    "serve": Command(
        "experiments.conversations.services:serve",
        "answer real people on localhost: API and web page",
        (
            "chatrec serve",
            "chatrec serve --catalog music",
            "chatrec serve exported/ppo --port 9000",
            "chatrec serve exported/ppo --explore 0.05",
        ),
        extra="serve",
    ),
    "sweep": Command(
        "experiments.evaluate.sweep:sweep",
        "every combination of settings, trained and evaluated on the same people; resumable",
        (
            "chatrec sweep --over agent=q_learning,sarsa seed=0,1,2 --with encoder=hash turns=50000",
            "chatrec sweep --over scenario=full,null 'reward={},{\"ask_cost\": 0.2}' seed=0,1 --with agent=q_learning",
            "chatrec sweep --over set.gamma=0.9,0.99 seed=0,1,2 --with agent=ppo --engine ray --workers 2",
        ),
    ),
    "reproduce": Command(
        "experiments.evaluate.reproduce:reproduce",
        "the published comparison: every policy, scenario and training seed (long)",
        ("chatrec reproduce", "chatrec reproduce --json > reproduce.json"),
        formerly="science",
    ),
    "learners": Command(
        "experiments.train.learners:learners",
        "every learner beside the best heuristic at a small budget, scenario by scenario (long)",
        (
            "chatrec learners --share 0.05",
            "chatrec learners --learners deep_q_learning dqn lin_ucb --scenarios full --seeds 2",
        ),
    ),
    "domains": Command(
        "experiments.evaluate.domains:domains",
        "PPO against the best heuristic in every domain (long)",
        (
            "chatrec domains",
            "chatrec domains --catalogs music travel --turns 100000 --people 500",
            "chatrec domains --json > domains.json",
        ),
    ),
    "headroom": Command(
        "experiments.evaluate.headroom:headroom",
        "what there is to win in each scenario: who knows the population, and who knows the person",
        (
            "chatrec headroom",
            "chatrec headroom --scenarios null satiation --people 1000 --json > headroom.json",
        ),
    ),
    "shaping": Command(
        "experiments.shaping.study:shaping",
        "reward shaping: what a reward teaches, how fast, what it changes, and whether it is hacked",
        (
            "chatrec shaping --quick",
            "chatrec shaping",
            "chatrec shaping --rewards sparse sparse+engagement pay_per_question --learners q_learning --seeds 8",
            """chatrec shaping --rewards click_and_rating '{"terms": {"question": 0.1}}' --json > shaping.json""",
            "chatrec shaping --list",
        ),
    ),
    "log": Command(
        "experiments.offline.log_command:log",
        "hold conversations and log them with all chances, as Parquet and as a Minari dataset",
        (
            "chatrec log greedy:epsilon=0.5 --people 2000 --max-turns 8 --out runs/log",
            "chatrec log runs/demo/policies/ppo:temperature=1 --out runs/ppo-log",
            "chatrec log --store sessions.sqlite --out runs/served-log",
        ),
        extra="offline",
    ),
    "ope": Command(
        "experiments.offline.ope_command:ope",
        "off-policy evaluation: what other policies would have got, from logs alone",
        (
            "chatrec ope runs/log greedy:epsilon=0.3 greedy:epsilon=0.1",
            "chatrec ope runs/log runs/other-log greedy:epsilon=0.3 --json > ope.json",
            "chatrec ope sessions.sqlite greedy:epsilon=0.05",
        ),
    ),
    "ope-study": Command(
        "experiments.offline.study:ope_study",
        "how far off-policy estimates can be believed: coverage, bias, errors, ranking against known truth",
        ("chatrec ope-study", "chatrec ope-study --people 200 --repetitions 20 --truth-people 5000"),
    ),
    "probe": Command(
        "experiments.evaluate.probe:probe",
        "how well what is hidden can be predicted from what an agent sees, with and without each block",
        (
            "chatrec probe --encoder hash --people 600",
            "chatrec probe --encoder hash minilm --talk crs --out runs/probe",
        ),
    ),
    "bench": Command(
        "experiments.benchmarks.speed:benchmark",
        "turns per CPU-second at several N, beside CartPole-v1 and a bare compiled loop",
        ("chatrec bench", "chatrec bench --n 1 1024 --quick --json > bench.json"),
    ),
}

FORMERLY = {command.formerly: name for name, command in COMMANDS.items() if command.formerly}
"""Names of the release before, and what they are called now."""


def overview() -> str:
    """What ``chatrec --help`` prints."""
    wide = max(len(name) for name in COMMANDS)
    columns, indent = max(shutil.get_terminal_size().columns, 60), " " * (wide + 4)
    lines = [
        textwrap.fill(f"  {name:<{wide}}  {command.summary}", columns, subsequent_indent=indent)
        for name, command in COMMANDS.items()
    ]
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
