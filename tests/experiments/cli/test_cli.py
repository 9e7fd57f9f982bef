from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chatrec_env
from chatrec_env.errors import ArtifactError
from experiments.cli import main as cli
from experiments.cli.commands import COMMANDS, FORMERLY
from experiments.cli.options import as_typed, in_one_line
from experiments.cli.terminal import command_line
from experiments.report.runlog import Run

CATALOG = Path(chatrec_env.__file__).parent / "catalog" / "data"


def raising(error: BaseException) -> Callable[..., None]:
    """A stand-in that fails."""

    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)])
def test_the_overview_names_every_command(chatrec: Any, arguments: tuple[str, ...]) -> None:
    done = chatrec(*arguments)
    assert done.code == 0
    assert re.findall(r"^  (\S+)", done.out, re.M) == list(COMMANDS)


@pytest.mark.parametrize("given", [["--help"], ["train", "--help"]])
def test_a_reader_that_has_seen_enough_is_no_fault(given: list[str], repo: Path) -> None:
    """As ``head`` after its last line."""
    told, telling = os.pipe()
    os.close(told)
    code = "import sys; from experiments.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, *given], stdout=telling, stderr=subprocess.PIPE, cwd=repo
    )
    os.close(telling)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("columns", [70, 200])
def test_the_overview_fits_the_terminal(chatrec: Any, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    told = re.split(r"\n(?=  \S)", chatrec("--help").out)[1:-1]
    assert max(len(line) for entry in told for line in entry.splitlines()) <= columns
    for entry, command in zip(told, COMMANDS.values(), strict=False):
        assert " ".join(entry.split()[1:]) == command.summary


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_itself(chatrec: Any, command: str) -> None:
    done = chatrec(command, "--help")
    assert done.code == 0
    assert f"usage: chatrec {command}" in done.out
    for example in COMMANDS[command].examples:
        assert example in done.out
    assert done.err == ""


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("understand", "eval-nlu"),
        ("fidelity", "eval-simulator"),
        ("rank", "simulator-agreement"),
        ("science", "reproduce"),
    ],
)
def test_a_former_name_still_works_and_says_the_new_one(chatrec: Any, before: str, now: str) -> None:
    assert FORMERLY[before] == now
    done = chatrec(before, "--help")
    assert done.code == 0
    assert f"usage: chatrec {now}" in done.out
    assert done.err == f"chatrec {before} is now called: chatrec {now}\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["catalog list", "chat greedy --encoder hash", "catalog chek"])
def test_closed_streams_are_no_error(repo: Path, tmp_path: Path, command: str, closed: str) -> None:
    line = f"{command_line(sys.executable, '-m', 'experiments.cli.main')} {command} {closed}"
    told = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repo)},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == (2 if command == "catalog chek" else 0)
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        pytest.param(("chatrec", "chat", Path("runs/demo")), "chatrec chat runs/demo", id="plain"),
        pytest.param(("chatrec", "chat", "my runs/a"), "chatrec chat 'my runs/a'", id="space"),
        pytest.param(("rm", "it's"), """rm 'it'"'"'s'""", id="quote"),
    ],
)
def test_printed_commands_can_be_pasted(words: tuple[object, ...], line: str) -> None:
    assert command_line(*words) == line


def test_the_command_after_an_export_quotes_its_folder(chatrec: Any, own_run: Path, tmp_path: Path) -> None:
    done = chatrec("export", own_run, tmp_path / "my policy", "--agent", "sarsa")
    assert f"chatrec serve '{tmp_path / 'my policy'}'" in done.err


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        ("export", "[-h] POLICY OUT ["),
        ("serve", "[-h] [OPTIONS] POLICY"),
        ("watch", "[-h] [OPTIONS] POLICY"),
        ("catalog", "[-h] [{list,check,draft}] TABLE ["),
    ],
)
def test_the_usage_names_what_stands_without_an_option(chatrec: Any, command: str, usage: str) -> None:
    assert f"usage: chatrec {command} {usage}" in chatrec(command, "--help").out


@pytest.mark.parametrize(
    ("message", "told"),
    [
        pytest.param("max_turns must be 1.", "--max-turns must be 1.", id="option"),
        pytest.param("n_candidates is 99.", "--candidates is 99.", id="keyword-of-another-name"),
        pytest.param("users.tries must be 1.", "--users: users.tries must be 1.", id="within-json"),
        pytest.param(
            "retrieval.semantic must be 1.", "--semantic: retrieval.semantic must be 1.", id="owned"
        ),
        pytest.param("policy must be told.", "policy must be told.", id="no-option"),
        pytest.param("seed of 2.", "seed of 2.", id="no-setting"),
    ],
)
def test_errors_of_settings_name_the_option(message: str, told: str) -> None:
    from experiments.simulator.sessions import SessionsConfig

    assert as_typed(message, SessionsConfig) == told


def test_hyperparameters_are_options_of_set() -> None:
    from experiments.train.train import TrainConfig

    assert as_typed("deep.warm_up must be 1.", TrainConfig) == "--set: deep.warm_up must be 1."


def test_an_unknown_command_gets_a_suggestion(chatrec: Any) -> None:
    done = chatrec("trian")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: No command 'trian'. Did you mean 'train'? Known: bench, calibrate, ")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("evaluate", "gredy"), "Did you mean 'greedy'?", id="policy"),
        pytest.param(("evaluate", "greedy", "--scenario", "ful"), "Did you mean 'full'?", id="scenario"),
        pytest.param(("evaluate", "greedy", "--encoder", "minilm2"), "Did you mean 'minilm'?", id="encoder"),
        pytest.param(("evaluate", "greedy", "--env", "Items"), "ChatRec/Items-v0", id="environment"),
        pytest.param(("evaluate", "greedy", "--catalog", "movie"), "Did you mean 'movies'?", id="catalogue"),
        pytest.param(("evaluate", "greedy", "--reward", "{"), "--reward expects JSON", id="reward-json"),
        pytest.param(
            ("evaluate", "greedy", "--encoder", "hash", "--reward", '{"ask_cost": -1}'),
            "must be >= 0",
            id="negative-cost",
        ),
        pytest.param(
            ("evaluate", "greedy", "--encoder", "hash", "--candidates", "100000"),
            "Ask for at most",
            id="more-candidates-than-items",
        ),
        pytest.param(
            ("evaluate", "greedy", "--encoder", "hash", "--candidates", "-1"),
            "error: --candidates must be a positive integer, got -1.",
            id="candidates",
        ),
        pytest.param(
            ("watch", "greedy", "--encoder", "hash", "--max-turns", "0"),
            "error: --max-turns must be an integer in [1, 1000], got 0.",
            id="max-turns",
        ),
        pytest.param(
            ("train", "--encoder", "hash", "--history-turns", "0"),
            "error: --history-turns must",
            id="history",
        ),
        pytest.param(
            ("log", "greedy:epsilon=2", "--encoder", "hash"),
            "greedy:epsilon=2: epsilon must lie in (0, 1], got 2.0. Example: greedy:epsilon=0.3",
            id="epsilon",
        ),
        pytest.param(
            ("export", "nowhere", "--temperature", "1e9"),
            "--temperature must lie between 0 and 100, got 1000000000.0.",
            id="temperature",
        ),
        pytest.param(("serve", "--forget-days", "0"), "--forget-days must be more than 0", id="forget-days"),
        pytest.param(("serve", "--port", "0"), "--port must be an integer in [1, 65535], got 0", id="port"),
        pytest.param(("train", "--set", "lr"), "expects name=value", id="setting-without-value"),
        pytest.param(("train", "--set", "lr=1"), "No hyperparameter of PPOConfig 'lr'", id="setting"),
        pytest.param(("train", "--encoder", "hash", "--set", "gamma=2"), "gamma must be", id="out-of-range"),
        pytest.param(("train", "--resume", "nowhere"), "nowhere is not a run folder", id="resume-nothing"),
        pytest.param(("export", "nowhere"), "nowhere is no folder", id="export-nothing"),
        pytest.param(("serve", "nowhere"), "nowhere is no folder", id="serve-nothing"),
        pytest.param(
            ("watch", "popular", "--env", "ChatRec/Strategy-v0", "--encoder", "hash"),
            "got actions='strategy'",
            id="fit",
        ),
        pytest.param(
            ("evaluate", "greedy", "--encoder", "hash", "--people", str(10**14)),
            "At most 10,000,000 people",
            id="people",
        ),
        pytest.param(
            ("watch", "greedy", "--encoder", "hash", "--person", str(10**25)),
            "At most 10,000,000 people",
            id="person",
        ),
        pytest.param(
            ("train", "--encoder", "hash", "--reward", "[" * 100_000),
            "--reward expects JSON",
            id="deeply-nested-json",
        ),
        pytest.param(
            ("train", "--encoder", "hash", "--set", "ent_coef=x"),
            "ent_coef must be a number in [0, inf), got 'x'",
            id="ppo",
        ),
        pytest.param(
            ("train", "--encoder", "hash", "--seed", str(2**32)),
            "ppo.seed must be an integer below 2**32",
            id="ppo-seed",
        ),
        pytest.param(
            ("train", "--encoder", "hash", "--agent", "sarsa", "--set", "parallel=x"),
            "parallel must be an integer",
            id="tabular",
        ),
        pytest.param(("train", "--encoder", "hash", "--catalog", ""), "No catalog ''", id="no-catalogue"),
        pytest.param(
            ("train", "--encoder", "hash", "--catalog", "gone.csv"),
            "gone.csv: expected a readable CSV file, got no such file",
            id="no-table",
        ),
    ],
)
def test_an_error_is_one_clear_line(refused: Any, arguments: tuple[str, ...], says: str) -> None:
    refused(says, *arguments)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(
            ("evaluate", "greedy", "--people", "1"),
            "--people must be 2 or more, got 1.",
            id="out-of-domain",
        ),
        pytest.param(
            ("evaluate", "greedy", "--people", "few"), "expected --people INT, got 'few'.", id="no-number"
        ),
        pytest.param(("train", "--turns", "1e3"), "expected --turns INT, got '1e3'.", id="optional-number"),
        pytest.param(
            ("recall", "--ratings", "x", "--k", "1.5"),
            "expected --k [INT [INT ...]], got '1.5'.",
            id="several-numbers",
        ),
        pytest.param(("train", "--bogus"), "Unrecognized options: --bogus.", id="unknown"),
        pytest.param(
            ("train", "--turn", "5"),
            "Unrecognized options: --turn, 5. Did you mean --history-turns or --max-turns or --turns?",
            id="misspelt",
        ),
        pytest.param(
            ("export",), "Missing from chatrec export: POLICY A run folder or a policy folder.", id="missing"
        ),
        pytest.param(
            ("catalog", "chek"),
            "invalid choice 'chek' for argument 'action'. Expected one of ('list', 'check', 'draft').",
            id="choice",
        ),
        pytest.param(("watch", "greedy", "x\x1b[31my"), "Unrecognized options: x [31my.", id="control"),
        *(
            pytest.param((command, *policy, "--seed", "-1"), "--seed must be 0 or more, got -1.", id=command)
            for command, policy in {
                "evaluate": ("greedy",),
                "watch": ("greedy",),
                "chat": ("greedy",),
                "train": (),
                "demo": (),
            }.items()
        ),
    ],
)
@pytest.mark.parametrize("columns", ["40", "200"])
def test_a_refused_option_is_one_line_with_the_way_to_help(
    chatrec: Any, arguments: tuple[str, ...], says: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = chatrec(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {says} All options: chatrec {arguments[0]} --help\n"


def test_a_refused_option_is_one_line_in_a_terminal_with_colours() -> None:
    """There the parser colours its boxes, rules and all: this one is what it writes 60 columns wide."""
    red, plain = "\x1b[31m", "\x1b[0m"
    box = (
        f"{red}╭{plain}{red}─{plain} \x1b[31;1mUnrecognized options{plain} {red}────────╮{plain}\n"
        f"{red}│{plain} \x1b[mUnrecognized{plain} options: \x1b[1m--people, 2{plain} {red}│{plain}\n"
        f"{red}│{plain} {red}────────────────────{plain} {red}│{plain}\n"
        f"{red}│{plain} For full helptext, run \x1b[1mchatrec watch --help{plain} {red}│{plain}\n"
        f"{red}╰──────────────────────╯{plain}\n"
    )
    told = "Unrecognized options: --people, 2. All options: chatrec watch --help"
    assert in_one_line(box, "watch") == told


def test_a_place_that_cannot_be_written_is_named(chatrec: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "run"
    done = chatrec("train", "--agent", "sarsa", "--encoder", "hash", "--out", place)
    assert done.code == 2
    assert done.err == (
        f"error: {place}: expected a place that can be used, got: Not a directory. Name another, or free this one.\n"
    )


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(OSError(28, "No space left on device"), "No space left on device", id="disk-full"),
        pytest.param(
            PermissionError(13, "Permission denied", "a\x1bb"), "a b: expected a place", id="denied"
        ),
        pytest.param(MemoryError("Unable to allocate 728. TiB"), "Unable to allocate 728. TiB", id="memory"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    chatrec: Any, error: Exception, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "parse", raising(error))
    done = chatrec("doctor")
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert says in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["evaluate", "simulator-agreement"])
def test_an_out_folder_that_is_taken_is_refused_before_the_work(
    chatrec: Any, command: str, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "note").write_text("")
    done = chatrec(command, "greedy", "random", "popular", "--encoder", "hash", "--out", tmp_path / "taken")
    assert done.code == 2
    assert done.err == f"error: {tmp_path / 'taken'} is not empty. Choose another place.\n"


def test_a_demo_goes_on_only_where_it_stopped(chatrec: Any, tmp_path: Path) -> None:
    Run.create(tmp_path / "other", kind="train", config={}, seeds={})
    before = (tmp_path / "other" / "run.json").read_text()
    done = chatrec("demo", "--resume", tmp_path / "other")
    assert done.code == 2
    assert "is a 'train' run; only a 'demo' run can be resumed here" in done.err
    assert (tmp_path / "other" / "run.json").read_text() == before


def test_control_sequences_in_an_error_do_not_reach_the_terminal(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = ArtifactError("damaged: \x1b]0;owned\x07 [red]x[/red]\nsecond line")
    monkeypatch.setattr(cli, "parse", raising(error))
    done = chatrec("doctor")
    assert done.err == "error: damaged:  ]0;owned  [red]x[/red] second line\n"


def test_a_catalogue_with_escape_sequences_in_a_title_is_refused_in_plain_text(
    chatrec: Any, tmp_path: Path
) -> None:
    table = (CATALOG / "movies.csv").read_text()
    title = table.splitlines()[1].split(",")[0]
    (tmp_path / "evil.csv").write_text(table.replace(title, "Evil \x1b]0;owned\x07\x1b[31mfilm", 1))
    (tmp_path / "evil.json").write_text((CATALOG / "movies.json").read_text())
    done = chatrec("watch", "greedy", "--encoder", "hash", "--catalog", tmp_path / "evil.csv")
    assert done.code == 2
    assert "evil.csv, line 2" in done.err
    assert not set(done.err + done.out) & {"\x1b", "\x07"}


def test_ctrl_c_has_an_exit_code_of_its_own(chatrec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "parse", raising(KeyboardInterrupt()))
    done = chatrec("doctor")
    assert (done.code, done.err) == (130, "Stopped.\n")


def test_a_termination_is_a_stop(chatrec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(cli, "parse", lambda *_: signal.raise_signal(signal.SIGTERM))
    done = chatrec("doctor")
    assert (done.code, done.err) == (130, "Stopped.\n")
    assert signal.getsignal(signal.SIGTERM) is before


def test_doctor_as_json(chatrec: Any) -> None:
    done = chatrec("doctor", "--json")
    told = json.loads(done.out)
    assert done.err == ""
    assert {f["area"] for f in told["findings"]} == {"versions", "models", "encoders", "caches", "extras"}
    assert (done.code == 0) == told["healthy"]


def test_export_of_a_run(chatrec: Any, own_run: Path) -> None:
    done = chatrec("export", own_run, "--agent", "sarsa", "--json")
    assert done.code == 0
    assert json.loads(done.out)["export"] == str(own_run / "exported" / "sarsa")
    assert (own_run / "exported" / "sarsa" / "policy.json").exists()


def test_an_export_of_a_policy_in_a_run_lies_beside_its_policies(chatrec: Any, own_run: Path) -> None:
    known = Run.open(own_run).policies()
    assert chatrec("export", own_run / "policies" / "sarsa").code == 0
    assert (own_run / "exported" / "sarsa" / "policy.json").exists()
    assert Run.open(own_run).policies() == known


def test_an_export_beside_other_files_names_them(chatrec: Any, own_run: Path, tmp_path: Path) -> None:
    chatrec("export", own_run, tmp_path / "out", "--agent", "sarsa")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    done = chatrec("export", own_run, tmp_path / "out", "--agent", "sarsa")
    assert "Beside it, and left as it was: notes.txt" in done.err
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    done = chatrec("export", own_run, tmp_path / "out", "--agent", "sarsa", "--json")
    assert json.loads(done.out)["beside"] == ["notes.txt"]


def test_an_export_that_is_renewed_says_so_and_what_is_kept(chatrec: Any, own_run: Path) -> None:
    assert (
        "Exported, softened by --explore 0.05."
        in chatrec("export", own_run, "--agent", "sarsa", "--explore", "0.05").err
    )
    done = chatrec("export", own_run, "--agent", "sarsa")
    assert (
        f"The export in {own_run / 'exported' / 'sarsa'} was renewed, softened by --explore 0.05." in done.err
    )


@pytest.mark.parametrize(
    ("error", "missing"),
    [
        pytest.param(ModuleNotFoundError("none", name="a_package_nobody_has"), True, id="package"),
        pytest.param(
            ModuleNotFoundError("none", name="a_package_nobody_has.part"), True, id="part-of-a-package"
        ),
        pytest.param(ModuleNotFoundError("none", name="simulators.llm.judges"), False, id="our-own"),
        pytest.param(ModuleNotFoundError("none", name="numpy.gone"), False, id="installed-but-broken"),
        pytest.param(ImportError("cannot import", name="numpy"), False, id="installed-but-too-old"),
    ],
)
def test_only_a_package_that_is_missing_is_a_missing_extra(
    error: ImportError, missing: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "parse", raising(error))
    if not missing:
        with pytest.raises(type(error)):
            cli.main(["models", "list"])
    else:
        assert cli.main(["models", "list"]) != 0
        assert "chatrec[llm]" in capsys.readouterr().err
