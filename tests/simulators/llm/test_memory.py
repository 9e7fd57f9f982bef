"""A conversation is remembered within a budget of tokens; what no longer fits is condensed."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language import SentenceTable
from chatrec_env.language.forms import Form
from simulators.llm.memory import SHOWN, SYSTEM, TURNS, USER, Memory, estimate_tokens
from simulators.llm.wording.leaks import TitleGuard

COUNTS = {"turns": 3, "questions": 1, "shown": 2, "clicked": 1}


def turns(table: SentenceTable, n: int) -> tuple[np.ndarray, np.ndarray]:
    grammar = table.grammar
    heard = np.full((TURNS, SYSTEM + USER), -1, np.int64)
    shown = np.full((TURNS, SHOWN), -1, np.int32)
    for i in range(TURNS - n, TURNS):
        heard[i, 0] = int(grammar.ids(Form.S_RECOMMEND, 0, 0))
        heard[i, 1] = int(grammar.ids(Form.S_ITEM, i))
        heard[i, SYSTEM] = int(table.intern([f"Not that one, number {i}."])[0])
        shown[i, 0] = i
    return heard, shown


def memory(table: SentenceTable, films: Catalog, budget: int) -> Memory:
    return Memory(table, TitleGuard.of(films), budget)


def test_latest_turns_word_by_word_oldest_condensed(table: SentenceTable, films: Catalog) -> None:
    heard, shown = turns(table, 6)
    lines = memory(table, films, 80).recall(heard, shown, COUNTS | {"turns": 6})
    assert lines[0] == "Earlier: 1 question answered, 2 films shown, 1 taken."
    assert lines[-1] == f"Person: Not that one, number {TURNS - 1}."
    assert 2 < len(lines) < 12


@pytest.mark.parametrize("budget", [40, 60, 90, 150, 400])
def test_never_beyond_the_budget(budget: int, table: SentenceTable, films: Catalog) -> None:
    heard, shown = turns(table, TURNS)
    lines = memory(table, films, budget).recall(heard, shown, COUNTS | {"turns": 30})
    assert sum(estimate_tokens(line) for line in lines) <= budget
    assert lines[0].startswith("Earlier:")


def test_all_of_a_short_conversation_is_kept(table: SentenceTable, films: Catalog) -> None:
    heard, shown = turns(table, 2)
    lines = memory(table, films, 400).recall(heard, shown, COUNTS | {"turns": 1})
    assert len(lines) == 4
    assert not lines[0].startswith("Earlier")


def test_titles_are_not_remembered(table: SentenceTable, films: Catalog) -> None:
    item = films.item_index("Chinatown")
    heard, shown = turns(table, 1)
    heard[-1, 1] = int(table.grammar.ids(Form.S_ITEM, item))
    heard[-1, 2] = int(table.grammar.ids(Form.S_EXPLAIN_ITEM, item))
    heard[-1, SYSTEM] = int(table.intern(["I know Chinatown (1974) already."])[0])
    shown[-1, 0] = item
    text = " ".join(memory(table, films, 400).recall(heard, shown, COUNTS))
    assert "chinatown" not in text.lower()
    assert "I know that film already." in text


def test_a_theme_that_is_also_a_title_is_remembered(table: SentenceTable, films: Catalog) -> None:
    heard, shown = turns(table, 1)
    heard[-1, SYSTEM] = int(table.intern(["I'd like a love story, please."])[0])
    assert "a love story" in " ".join(memory(table, films, 400).recall(heard, shown, COUNTS))


def test_the_estimate_errs_on_the_safe_side() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("I want a film about heists, please.") >= 9
