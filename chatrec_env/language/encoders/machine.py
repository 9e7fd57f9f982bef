"""What of this machine decides the last bits of a floating-point sum."""

from __future__ import annotations

import functools
import importlib.metadata
import platform
from pathlib import Path


@functools.cache
def machine_tag(package: str) -> str:
    """A short text that changes when the numeric library or the kind of processor does.

    Vectors computed under one tag are not taken for those of another: a cache folder may be shared
    by machines of different make.

    Args:
        package: Distribution that does the arithmetic, e.g. ``"torch"``. It is not imported.
    """
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        version = "none"
    return "/".join([package, version, platform.system(), platform.machine(), *_processor()])


def _processor() -> list[str]:
    """Vendor and the widest vector instructions, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return [platform.processor()]
    facts = dict[str, str]()
    for line in lines:
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    flags = set(facts.get("flags", facts.get("Features", "")).split())
    widest = [flag for flag in ("amx_tile", "avx512f", "avx2", "sve", "asimd") if flag in flags]
    return [facts.get("vendor_id", facts.get("CPU implementer", "")), *widest[:1]]
