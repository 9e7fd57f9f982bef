"""How rules are compiled, kept on disk and started."""

from chatrec_env.core.compiled.rules import Repeated, rule

__all__ = ["Repeated", "rule"]
