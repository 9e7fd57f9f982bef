"""What the command prints: results on standard output, everything else on standard error, nothing unsafe.

Titles, sentences and file names come from outside. ``clean`` is the only way they reach a terminal: control
characters become spaces, and square brackets are not read as markup.
"""

from __future__ import annotations

import codecs
import io
import json
import shlex
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

from chatrec_env.envs.rendering import printable

if TYPE_CHECKING:
    from rich.console import Console

SPELT = {
    **{"−": "-", "–": "-", "—": "-", "±": "+-", "→": "->", "✓": "ok", "✗": "missing", "…": "...", "×": "x"},
    **{
        "≥": ">=",
        "≤": "<=",
        "≈": "~",
        "·": "-",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "★": "*",
        "€": "EUR",
    },
    **{"£": "GBP", "¥": "JPY", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "σ": "sd", "▸": ">", "•": "*"},
}
"""How signs are spelt where a terminal does not have them."""

INTERRUPTED, FAILED = 130, 2
"""Exit codes: stopped with Ctrl-C, and an error of the caller's (options, names, damaged files)."""


def spelt(text: str, encoding: str | None = None) -> str:
    """The text in signs that standard output has: ``"1.95 +- 0.29"`` in ASCII; accents are left out.

    Tables are spelt before their columns are measured. Whatever else is printed is spelt by the stream itself, see
    ``spell_streams``.

    >>> spelt("−1.95 ± 0.29", "ascii")
    '-1.95 +- 0.29'
    """
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(char if _has(encoding, char) else _spell(char) for char in text)
    return text


def _has(encoding: str, char: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _spell(char: str) -> str:
    plain = SPELT.get(char) or unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain or "?"


def spell_streams() -> None:
    """Let standard output and error spell the signs that they do not have."""

    def spell(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeEncodeError)
        return "".join(map(_spell, error.object[error.start : error.end])), error.end

    codecs.register_error("spelt", spell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="spelt")


def clean(text: object) -> str:
    """Text for a rich console: control characters become spaces, markup is shown as it stands."""
    from rich.markup import escape

    return escape(printable(str(text)))


def command_line(*words: object) -> str:
    """A command as one pastes it into a shell: words with spaces and the like are quoted."""
    return shlex.join(str(word) for word in words)


def pasted(*words: object) -> str:
    """A ``chatrec`` command for a rich console, as one pastes it into a shell."""
    return f"[bold]{clean(command_line('chatrec', *words))}[/bold]"


def output() -> Console:
    """A console on standard output, for results. Not a terminal: plain text, wide enough for a table."""
    return _console(stderr=False)


def messages() -> Console:
    """A console on standard error, for progress, notes and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # A file or a pipe has no width of its own; 80 columns would break the tables.
    width = None if stream.isatty() else 132
    return Console(stderr=stderr, highlight=False, width=width, emoji=False)


def say(text: str) -> None:
    """One line to standard error; ``text`` is trusted markup, outside text in it passes ``clean`` first."""
    messages().print(text, soft_wrap=True)


def print_json(value: Any) -> None:
    """The value as JSON on standard output, and nothing else there."""
    from experiments.report.documents import jsonable

    # ASCII only: a title's control characters are escaped by JSON, and no encoding can be wrong.
    sys.stdout.write(json.dumps(jsonable(value), indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()
