"""Renderings of a conversation: plain text, and a picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.user_simulator import USER_SENTENCES

if TYPE_CHECKING:
    from chatrec_env.core.kernel import State, Task


def conversation(task: Task, state: State, row: int) -> list[tuple[str, str]]:
    """The turns of one conversation so far: ``("person" | "system", text)``, control characters removed."""
    transcript = state.dialogue.transcript[row, : int(state.dialogue.turn[row]) + 1]
    texts = task.manager.table.texts
    system = texts(transcript[:, :-USER_SENTENCES])
    user = texts(transcript[:, -USER_SENTENCES:])
    turns = []
    for ours, theirs in zip(system, user, strict=True):
        turns += [("system", printable(ours))] if ours else []
        turns += [("person", printable(theirs))] if theirs else []
    return turns


def printable(text: str) -> str:
    """The text with anything a terminal could take for a command replaced by a space."""
    return "".join(c if c.isprintable() else " " for c in text)


def render_ansi(task: Task, state: State, row: int) -> str:
    """The conversation as text, one line a turn."""
    lines = [f"{who:>6}: {text}" for who, text in conversation(task, state, row)]
    d = state.dialogue
    lines.append(f"  [turn {d.turn[row]}/{task.manager.max_turns}, {d.clicks[row]} accepted]")
    return "\n".join(lines) + "\n"


@lru_cache
def font(size: int) -> Any:
    """A Pillow font of this many pixels that has the letters of European languages: DejaVu, out of Matplotlib's data.

    Pillow's own font, taken where Matplotlib is not installed, has the letters of English alone.
    """
    from PIL import ImageFont

    found = find_spec("matplotlib")  # finds the folder without importing anything
    for folder in found.submodule_search_locations or () if found else ():
        file = Path(folder) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if file.exists():
            return ImageFont.truetype(str(file), size)
    return ImageFont.load_default(size)


def render_rgb(task: Task, state: State, row: int) -> npt.NDArray[np.uint8]:
    """The latest turns as chat bubbles, (480, 640, 3) uint8."""
    from PIL import Image, ImageDraw

    width, height, margin = 640, 480, 12
    image = Image.new("RGB", (width, height), (250, 250, 247))
    draw = ImageDraw.Draw(image)
    normal, small = font(14), font(12)
    d = state.dialogue
    progress = f"turn {d.turn[row]} of {task.manager.max_turns}"
    status = f"{progress}   clicks {d.clicks[row]}   questions {d.questions[row]}"
    draw.rectangle((0, 0, width, 26), fill=(38, 50, 56))
    draw.text((margin, 6), status, font=small, fill=(236, 239, 241))
    bottom = height - margin
    for who, text in reversed(conversation(task, state, row)):
        lines = wrap(text, lambda t: draw.textlength(t, font=normal), 380)
        tall = 19 * len(lines) + 12
        if bottom - tall < 34:
            break
        wide = max(draw.textlength(line, font=normal) for line in lines) + 20
        left = margin if who == "person" else width - margin - wide
        fill = (255, 255, 255) if who == "person" else (207, 232, 224)
        draw.rounded_rectangle(
            (left, bottom - tall, left + wide, bottom), 9, fill=fill, outline=(207, 216, 220)
        )
        for i, line in enumerate(lines):
            draw.text((left + 10, bottom - tall + 6 + 19 * i), line, font=normal, fill=(33, 33, 33))
        bottom -= tall + 8
    return np.asarray(image, np.uint8).copy()


def wrap(text: str, measure: Callable[[str], float], limit: float) -> list[str]:
    """Break text into lines no wider than ``limit``; ``measure(text) -> width``."""
    lines, line = [], ""
    for word in text.split():
        trial = f"{line} {word}".strip()
        if line and measure(trial) > limit:
            lines.append(line)
            line = word
        else:
            line = trial
    return [*lines, line] if line else lines or [""]
