"""How rules are compiled, kept on disk and started."""

from chatrec_env.core.compiled.repeated import Met, Repeated, renew
from chatrec_env.core.compiled.rules import inlined, rule

__all__ = ["Met", "Repeated", "inlined", "renew", "rule"]
