"""What is wrong with the options of a command, in one line instead of the parser's box."""

from __future__ import annotations

import re

from chatrec_env.errors import ConfigError

_RULE = re.compile(r"^[│\s]*(?:─{3,}|-{3,})[│\s]*$")
_EDGE = re.compile(r"^[╭╰]─")


class OptionsError(ConfigError):
    """Options that the parser refused."""


def in_one_line(box: str, command: str) -> str:
    """The text of a box of the parser: what was expected, what came, and where to look.

    Args:
        box: What ``tyro`` writes to standard error: parts between rules, the last of which points to the help.
        command: The subcommand.
    """
    parts: list[list[str]] = [[]]
    for line in box.splitlines():
        if _EDGE.match(line):
            continue
        if _RULE.match(line):
            parts.append([])
        elif text := line.strip().strip("│").strip():
            parts[-1].append(text)
    if not box.startswith("╭"):  # drawn in ASCII, where the terminal can do no better: the title is a part
        del parts[0]
    told = " ".join(_before_details(parts[0]))
    more = parts[1] if len(parts) > 1 else []
    option = re.match(r"Error parsing ((?:-|[A-Z]+\b)\S*?): (.*)", told)
    if option and more[:1] == ["Argument helptext:"]:
        came = re.findall(r"'[^']*'", told)
        told = f"expected {' '.join(more[1:2]) or option[1]}, got {came[-1] if came else option[2]}."
    told = re.sub(r"^Error parsing \w+Config: |\.? \(required\)", "", told)
    if more[:1] == ["Perhaps you meant:"]:
        near = [line.split()[0] for line in more if line.startswith("--")]
        told += f". Did you mean {' or '.join(near)}?" if near else "."
    elif not told.endswith("."):
        told += "."
    return f"{told} All options: chatrec {command} --help"


def _before_details(lines: list[str]) -> list[str]:
    """What stands before the parser's own errors, of each type it tried."""
    return lines[: lines.index("Got errors:")] if "Got errors:" in lines else lines
