from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

import chatrec_env
from chatrec_env.errors import ArtifactError
from experiments import cli
from experiments.cli import COMMANDS

CATALOG = Path(chatrec_env.__file__).parent / "catalog" / "data"


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)])
def test_the_overview_names_every_command(chatrec: Any, arguments: tuple[str, ...]) -> None:
    done = chatrec(*arguments)
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines() if line.startswith("  ")] == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_itself(chatrec: Any, command: str) -> None:
    if importlib.util.find_spec(COMMANDS[command].module) is None:
        pytest.skip(f"{COMMANDS[command].module} is not here")
    done = chatrec(command, "--help")
    assert done.code == 0
    assert f"usage: chatrec {command}" in done.out
    for example in COMMANDS[command].examples:
        assert example in done.out
    assert done.err == ""


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
        pytest.param(("train", "--set", "lr"), "expects name=value", id="setting-without-value"),
        pytest.param(("train", "--set", "lr=1"), "No hyperparameter of PPOConfig 'lr'", id="setting"),
        pytest.param(("train", "--encoder", "hash", "--set", "gamma=2"), "gamma must be", id="out-of-range"),
        pytest.param(("train", "--resume", "nowhere"), "nowhere is not a run folder", id="resume-nothing"),
        pytest.param(("export", "nowhere"), "nowhere is no folder", id="export-nothing"),
        pytest.param(("serve", "nowhere"), "nowhere is no folder", id="serve-nothing"),
        pytest.param(
            ("watch", "popular", "--env", "ChatRec/Strategy-v0", "--encoder", "hash"), "names", id="fit"
        ),
    ],
)
def test_an_error_is_one_clear_line(chatrec: Any, arguments: tuple[str, ...], says: str) -> None:
    done = chatrec(*arguments)
    assert (done.code, done.out) == (2, "")
    error = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert len(error) == 1
    assert says in error[0]
    assert "Traceback" not in done.err


def test_an_option_outside_its_domain_is_refused_with_the_way_to_help(chatrec: Any) -> None:
    done = chatrec("evaluate", "greedy", "--people", "1")
    assert done.code == 2
    assert "--people must be at least 2" in done.err
    assert "chatrec evaluate --help" in done.err


def test_control_sequences_in_an_error_do_not_reach_the_terminal(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ArtifactError("damaged: \x1b]0;owned\x07 [red]x[/red]\nsecond line")

    monkeypatch.setattr(cli, "parse", fail)
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
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "parse", stop)
    done = chatrec("doctor")
    assert (done.code, done.err) == (130, "Stopped.\n")


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
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(cli, "parse", fail)
    if not missing:
        with pytest.raises(type(error)):
            cli.main(["models", "list"])
    else:
        assert cli.main(["models", "list"]) != 0
        assert "chatrec[llm]" in capsys.readouterr().err
