"""The wheel carries everything, installs into an empty environment, and works from any folder."""

from __future__ import annotations

import email
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPO = Path(__file__).resolve().parents[1]
PACKAGES = ("chatrec_env", "simulators", "agents", "experiments")
DATA_SUFFIXES = {
    ".csv",
    ".tsv",
    ".json",
    ".safetensors",
    ".md",
    ".txt",
    ".html",
    ".js",
    ".css",
    ".svg",
    ".png",
}


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run to the end; its standard output, or a failed test that shows everything it said."""
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: the checkout stays clean, and its leftovers stay out of the wheel."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPO / name, source)
    for name in PACKAGES:
        shutil.copytree(
            REPO / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", source, cwd=source)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_string(archive.read(name).decode("utf-8"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of an environment that holds the wheel alone.

    The dependencies are this interpreter's, seen through a path line: fetching gigabytes again would only
    test the package index. A path line runs no ``.pth`` file of that folder: an editable install here is
    invisible there.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    scheme = sysconfig.get_paths("venv", vars={"base": str(folder), "platbase": str(folder)})
    here = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(scheme["purelib"], "dependencies.pth").write_text("".join(f"{path}\n" for path in sorted(here)))
    python = Path(scheme["scripts"], "python")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    return python.parent


@pytest.mark.slow
def test_wheel_holds_every_source_and_data_file(wheel: Path) -> None:
    expected = {
        path.relative_to(REPO).as_posix()
        for package in PACKAGES
        for path in (REPO / package).rglob("*")
        if path.is_file() and (path.suffix in DATA_SUFFIXES | {".py"} or path.name == "py.typed")
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == expected
    assert {f"{package}/py.typed" for package in PACKAGES} <= packed


def test_no_data_file_has_a_suffix_the_wheel_leaves_out() -> None:
    kinds = {
        path.suffix or path.name
        for package in PACKAGES
        for path in (REPO / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kinds <= DATA_SUFFIXES | {".py", ".typed"}


@pytest.mark.slow
def test_wheel_metadata(metadata: Message, wheel: Path) -> None:
    assert wheel.name == "chatrec-0.1.0-py3-none-any.whl"
    assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == (
        "chatrec",
        "0.1.0",
        ">=3.11",
    )
    assert metadata["License-Expression"] == "MIT"
    assert set(metadata.get_all("Provides-Extra", [])) == {
        *("serve", "ray", "llm", "collaborative", "calibrate", "offline", "tune", "dev"),
        *("tensorboard", "wandb", "mlflow"),
    }
    assert metadata.get_payload() == (REPO / "README.md").read_text(encoding="utf-8")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("chatrec-0.1.0.dist-info/licenses/LICENSE").startswith(b"MIT License")
        points = archive.read("chatrec-0.1.0.dist-info/entry_points.txt").decode()
    assert points == "[console_scripts]\nchatrec = experiments.cli.main:main\n"


@pytest.mark.slow
def test_installed_environment_works_from_any_folder(installed: Path, tmp_path: Path) -> None:
    code = (
        "import gymnasium, chatrec_env\n"
        "env = gymnasium.make('ChatRec/Items-v0')\n"
        "env.close()\n"
        "print(chatrec_env.__file__)"
    )
    place = run(installed / "python", "-W", "error", "-c", code, cwd=tmp_path).strip()
    assert Path(place).is_relative_to(installed.parent)


@pytest.mark.slow
def test_installed_command_answers(installed: Path, tmp_path: Path) -> None:
    assert "demo" in run(installed / "chatrec", "--help", cwd=tmp_path)


@pytest.mark.slow
def test_installed_command_opens_every_built_in_catalogue(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(run(installed / "chatrec", "catalog", "list", "--json", cwd=tmp_path))
    tables = (REPO / "chatrec_env" / "catalog" / "data").glob("*.csv")
    assert [row["name"] for row in listed] == sorted(path.stem for path in tables)


SERVE = """
import re
from pathlib import Path
from agents.baselines import Greedy, save_baseline
from agents.export import export_policy, load_export
from agents.serving.http.api import create_app
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from chatrec_env.envs.config import EnvConfig
from starlette.testclient import TestClient

save_baseline(Path("checkpoint"), Greedy(), EnvConfig(encoder="hash"))
store = Store(Path("sessions.sqlite"))
sessions = Sessions(load_export(export_policy(Path("checkpoint"), Path("export"))), store)
with TestClient(create_app(sessions), base_url="http://127.0.0.1") as client:
    page = client.get("/").text
    for path in ["/", *("/" + found for found in sorted(set(re.findall('static/[a-z.]+', page))))]:
        print(path, client.get(path).status_code)
store.close()
"""


@pytest.mark.slow
def test_installed_service_answers_with_its_page(installed: Path, tmp_path: Path) -> None:
    answers = run(installed / "python", "-c", SERVE, cwd=tmp_path).splitlines()
    assert answers == ["/ 200", *(f"/static/{name} 200" for name in ("app.js", "icon.svg", "style.css"))]


@pytest.mark.slow
def test_installed_pages_find_their_templates(installed: Path, tmp_path: Path) -> None:
    code = (
        "from experiments.report import page\n"
        "for path in (page.PAGE, page.STYLE):\n"
        "    print(path.name, len(path.read_text(encoding='utf-8')))"
    )
    files = ("report/page.html", "report/page.css")
    sources = [REPO / "experiments" / name for name in files]
    expected = [f"{path.name} {len(path.read_text(encoding='utf-8'))}" for path in sources]
    assert run(installed / "python", "-c", code, cwd=tmp_path).splitlines() == expected


def test_makefile_pins_a_torch_that_the_package_accepts() -> None:
    pin = re.search(
        r"^TORCH \?= torch==(\S+)$", (REPO / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert pin is not None
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (torch,) = (line for line in project["dependencies"] if Requirement(line).name == "torch")
    assert Requirement(torch).specifier.contains(pin[1])


def test_make_help_lists_every_public_target() -> None:
    declared = re.search(r"^\.PHONY: (.*)$", (REPO / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert declared is not None
    listed = re.findall(r"^  make ([a-z-]+) ", run("make", "help", cwd=REPO), re.MULTILINE)
    assert sorted(listed) == sorted(declared[1].split())
