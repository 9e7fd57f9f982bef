"""How a wording sounds: warm or cool, sure or vague; read from ``tones.txt`` and from the register."""

from __future__ import annotations

from importlib import resources
from typing import Final

from chatrec_env.language.english.people import REGISTERS, plain_or_core
from chatrec_env.language.forms import Form

HEDGED: Final = 3
"""The register of those who are not sure."""


def _read(text: str) -> dict[tuple[Form, str], int]:
    """Warmth by form and core of a file such as ``tones.txt``: 1 or -1."""
    form, warmth = Form.GREET, {}
    for line in text.splitlines():
        if line.startswith("["):
            form = Form(line.strip("[]"))
        elif line and not line.startswith("#"):
            warmth[form, line[2:]] = 1 if line[0] == "+" else -1
    return warmth


WARMTH: Final = _read(resources.files(__package__).joinpath("tones.txt").read_text(encoding="utf-8"))


def tone(form: Form, arg: int, variant: int) -> tuple[int, int]:
    """Of a variant of a form of people: warmth (1 warm, -1 cool, 0 neither), and sureness (-1 hedged, 0 not)."""
    way, style = divmod(variant, form.n_styles)
    if way == 1 and form.has_typos:
        way = 0
    said, style = plain_or_core(form, arg, style, way)
    return WARMTH.get((form, said), 0), -int(REGISTERS[style] == HEDGED)
