"""Language: dialogue acts, what words and reads them, the sentence table and the encoders.

The names here are imported when they are first asked for: catalogues need no more of this package than word forms.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
    from chatrec_env.language.encoders import Encoder, make_encoder
    from chatrec_env.language.forms import Form
    from chatrec_env.language.grammar import Grammar
    from chatrec_env.language.parser import Parser
    from chatrec_env.language.sentence_table import SentenceTable

__all__ = [
    "Encoder",
    "Form",
    "Grammar",
    "ParsedAct",
    "Parser",
    "SentenceTable",
    "SystemAct",
    "UserAct",
    "make_encoder",
]

_MODULES: Final = {
    **dict.fromkeys(("ParsedAct", "SystemAct", "UserAct"), "acts"),
    **dict.fromkeys(("Encoder", "make_encoder"), "encoders"),
    "Form": "forms",
    "Grammar": "grammar",
    "Parser": "parser",
    "SentenceTable": "sentence_table",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
