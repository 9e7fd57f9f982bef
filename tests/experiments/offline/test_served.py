"""Sessions of the service as a log: decisions, chances, impressions, and what they came to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.baselines import make_baseline, save_baseline
from agents.export import Export, export_policy, load_export
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from agents.stochastic import EpsilonGreedy, draw
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from experiments.offline.estimates import samples, watching
from experiments.offline.served import served_log

ENV = EnvConfig(encoder="hash", n_candidates=4)
TARGET = EpsilonGreedy(make_baseline("greedy"), 0.5)


def exported(folder: Path, name: str) -> Export:
    save_baseline(folder / "saved", make_baseline(name, ENV), ENV)
    return load_export(export_policy(folder / "saved", folder / "exported"))


@pytest.mark.slow  # loads the language model that reads what people write
def test_sessions_become_a_log_that_judges_other_policies(tmp_path: Path) -> None:
    export, store = exported(tmp_path, "random"), Store(tmp_path / "store.sqlite")
    sessions, names = Sessions(export, store), []
    for _ in range(2):
        name = sessions.open().id
        names.append(name)
        for words in ("Something funny.", "Not too long, please."):
            reply = sessions.message(name, sentences=[words])
            if reply.cards:
                sessions.click(name, reply.cards[0].item)
                sessions.rate(name, reply.cards[0].item, 5)
    log = served_log(store, [*names, sessions.open().id], export, watching([TARGET]))
    turns = log.turns
    assert log.people["turns"].tolist() == [2, 2]
    assert turns["propensity"] == pytest.approx(1 / turns["mask"].sum(axis=1))
    assert np.array_equal(draw(export.task, turns["chances"], turns["uniform"]), turns["action"])
    shown = turns["shown"][:, 0] >= 0
    assert (turns["click"][shown] == 0).all()
    assert turns["reward"][shown] == pytest.approx(1.5)  # a click, and half for five stars
    assert (turns["reward"][~shown] < 0).all()  # questions
    (sample,) = samples(export.task, log, [TARGET], ["target"])
    assert sample.rho.shape == (2, 2)
    assert log.meta["version"] == export.fingerprint
    with pytest.raises(ConfigError, match="no session 'nobody'"):
        served_log(store, ["nobody"], export)
    with pytest.raises(ConfigError, match="another policy"):
        served_log(store, names, exported(tmp_path / "other", "greedy"))
