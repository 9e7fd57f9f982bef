"""Reads all sentences of a task before the work starts, with progress; each is read only once."""

from __future__ import annotations

import numpy as np

from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.encoders import reads_transcripts
from experiments.cli.progress import Meter

CHUNK = 512
"""Sentences read between two reports."""


def read_sentences(env: EnvConfig, meter: Meter, label: str = "") -> None:
    """Fill the sentence table of an environment.

    With the language model this takes about a minute the first time on a machine; then its vectors come from
    the cache on disk. With the hashing encoder, and with one
    of whole transcripts, nothing is read beforehand.

    Args:
        env: The environment.
        meter: Shows the progress.
        label: Put before what is shown.
    """
    with meter.work(f"{label}Loading the catalogue and the sentence encoder"):
        table = make_task(env).manager.table
    if table.encoder.name.startswith("hash") or reads_transcripts(table.encoder):
        return  # so fast that only what comes up is read, as it comes up; or not read sentence by sentence at all
    grammar = table.grammar
    ids = grammar.reachable_ids()
    lengths = np.array([len(grammar.text(int(i))) for i in ids])
    # Sentences of like lengths are encoded together: less padding.
    ids = ids[np.argsort(lengths, kind="stable")]
    with meter.work(
        f"{label}Reading {len(ids):,} sentences ({table.encoder.name})", len(ids), "sentences"
    ) as work:
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            table.preload(part)
            work.add(len(part))
