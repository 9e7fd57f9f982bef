"""The first start on a machine: conversations run in plain Python while another process compiles their rules.

``CHATREC_START=compiled`` compiles first instead. So do batches of more than a few conversations, and a process whose
rules cannot be kept on disk.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import gymnasium as gym
import numba
from numba.core.registry import cpu_target

from chatrec_env.core.compiled.digests import digest
from chatrec_env.core.compiled.rules import Kept, settings_of
from chatrec_env.core.compiled.tiers import compile_now, interpret, used_rules
from chatrec_env.core.kernel import deal
from chatrec_env.envs.config import PLAIN, EnvConfig

SETTING, COMPILED = "CHATREC_START", "compiled"

TURNS = 4
"""Turns that are played to compile what a conversation needs."""

_deciding, _decided = threading.Lock(), threading.Event()


def compile_first() -> None:
    """Let this process compile its rules before they run: where turns are timed."""
    _decided.set()
    compile_now()


def start(config: EnvConfig) -> None:
    """Before the first single environment of a process: see that its conversations can begin at once.

    If their rules are on disk, they run compiled. Otherwise they run in plain Python, which gives the same bits,
    until a process in the background has compiled them.
    """
    with _deciding:
        if not _decided.is_set():
            _decide(_kind_of(config))
            _decided.set()


def _decide(kind: str) -> None:
    folder = _folder()
    if folder is None or os.environ.get(SETTING) == COMPILED or not sys.executable or sys.platform == "win32":
        return
    note = folder / f"{_hash(kind, settings_of(cpu_target.target_context.codegen()))}.compiled"
    if not _holds(note):
        with contextlib.suppress(OSError):
            note.unlink(missing_ok=True)
        waiting = _Waiting(kind, note)
        if not waiting():
            interpret(waiting)


class _Waiting:
    """Whether a process has compiled what conversations of a kind need; it is started when no other one is at work.

    A process that compiles holds a lock, which the system frees when it ends, whatever way.
    """

    def __init__(self, kind: str, note: Path) -> None:
        self._kind, self._note, self._process = kind, note, cast("subprocess.Popen[bytes] | None", None)

    def __call__(self) -> bool:
        """True as well if that process cannot be started, or ended without having done it: then it is done here."""
        try:
            return self._note.exists() or self._is_idle()
        except OSError:
            return True

    def _is_idle(self) -> bool:
        import fcntl

        with self._note.with_name("compiling.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if self._process is None and not self._note.exists():
                self._process = _compile_elsewhere(self._kind, self._note, lock.fileno())
                return False
        return True


def _compile_elsewhere(kind: str, note: Path, lock: int) -> subprocess.Popen[bytes]:
    """Start the process that compiles, which takes the lock over and may outlive this one."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", __name__, kind, str(note)],
        env={**os.environ, SETTING: COMPILED, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=[lock],
    )
    atexit.register(setattr, process, "returncode", 0)  # nobody waits for it, and no warning says so
    if sys.stderr is not None:
        print(
            "Chat-Rec: first start on this machine. Conversations run in plain Python, about 80 turns a second, "
            "until a process in the background has compiled their rules, once, in one or two minutes.",
            file=sys.stderr,
            flush=True,
        )
    return process


def compile_here(kind: str, note: Path) -> None:
    """Compile what conversations of a kind need, and note which rules that were.

    Args:
        kind: As ``_kind_of`` gives it.
        note: The file to write.
    """
    env = gym.make(
        "ChatRec/Items-v0", disable_env_checker=True, max_turns=TURNS, **json.loads(kind)
    ).unwrapped
    for seed in range(2):
        info, over = env.reset(seed=seed)[1], False
        env.action_space.seed(seed)
        while not over:
            slates = hasattr(env.action_space, "nvec")
            *_, ended, cut, info = env.step(env.action_space.sample(None if slates else info["action_mask"]))
            over = ended or cut
    rules = {f"{r.py_func.__module__}:{r.py_func.__qualname__}": digest(r.py_func) for r in used_rules()}
    half = note.with_suffix(f".{os.getpid()}")
    half.write_text(json.dumps(rules))
    half.replace(note)


def _kind_of(config: EnvConfig) -> str:
    """The keywords that decide which rules a conversation runs through, as JSON; the others make no difference."""
    kind: dict[str, Any] = {
        "actions": config.actions,
        "observation": config.observation,
        "conversation": config.conversation,
        "rating_history": config.rating_history,
        "semantic": float(config.semantic > 0),
        "themes": config.themes,
        "talk": config.talk,
        "encoder": config.encoder if config.semantic > 0 or config.talk != PLAIN else "hash",
        "masked_actions": "redirect",
    }
    return json.dumps(kind)


def _folder() -> Path | None:
    """Where the kernel's rules are kept; None where nothing is kept, or compiled."""
    cache = getattr(deal, "_cache", None)
    if numba.config.DISABLE_JIT or not isinstance(cache, Kept):  # type: ignore[attr-defined]
        return None
    return Path(cache.cache_path)


def _holds(note: Path) -> bool:
    """Whether the rules that were noted are those of today's code."""
    try:
        names = json.loads(note.read_text())
        for name, then in names.items():
            module, _, rule = name.partition(":")
            if digest(getattr(import_module(module), rule).py_func) != then:
                return False
    except (OSError, ValueError, ImportError, AttributeError):
        return False
    return True


def _hash(*parts: str) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


if __name__ == "__main__":
    compile_here(sys.argv[1], Path(sys.argv[2]))
