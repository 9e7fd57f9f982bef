"""Pages without outside hosts: one shell, in which every study and every transcript puts its parts."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from string import Template

from chatrec_env.envs.rendering import printable

STYLE = Path(__file__).parent / "page.css"
PAGE = Path(__file__).parent / "page.html"


def h(text: object) -> str:
    """Text for HTML: control characters removed, markup escaped."""
    return html.escape(printable(str(text)))


def minus(number: float, form: str = ".2f") -> str:
    """A number for people, with a real minus sign."""
    return f"{number:{form}}".replace("-", "−")


def shell(*, title: str, kicker: str, headline: str, body: str, lead: str = "", kind: str = "") -> str:
    """A whole page with our style: heading and body; ``kicker``, ``lead`` and ``body`` are HTML already."""
    parts = {
        "title": h(title),
        "kicker": kicker,
        "headline": h(headline),
        "lead": lead,
        "body": body,
        "kind": kind,
    }
    found = Template(PAGE.read_text(encoding="utf-8"))
    return found.substitute(style=STYLE.read_text(encoding="utf-8"), **parts)


MOST, LEAST = 0.56, 0.26
"""Pixels of the page for one of a PNG: no more, or letters are too large; no less, or they are too small to read."""


def embedded(png: bytes, words: str) -> str:
    """A picture inside the page, no larger than its letters need."""
    data = base64.b64encode(png).decode()
    width = int.from_bytes(png[16:20], "big")  # of its header
    size = f'style="min-width: {round(LEAST * width)}px; max-width: {round(MOST * width)}px"'
    return f'<figure><img {size} alt="{h(words)}" src="data:image/png;base64,{data}"></figure>'


def figures(*pictures: str) -> str:
    """Embedded pictures side by side."""
    return f'<div class="figures">{"".join(pictures)}</div>'


def section(title: str, about: str, *parts: str) -> str:
    """A part of the page."""
    told = f'<p class="about">{about}</p>' if about else ""
    return f"<section><h2>{h(title)}</h2>{told}{''.join(parts)}</section>"


def tiles(*numbers: tuple[str, str, str]) -> str:
    """Numbers that catch the eye, each between what it is and a remark; the first one largest."""
    return "".join(
        f'<div class="tile{"" if i else " main"}"><span>{h(name)}</span><b>{h(value)}</b><span>{h(more)}</span></div>'
        for i, (name, value, more) in enumerate(numbers)
    )
