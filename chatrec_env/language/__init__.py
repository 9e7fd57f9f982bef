"""Language: dialogue acts, what words and reads them, the sentence table and the encoders."""

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
