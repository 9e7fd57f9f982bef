"""The corpus: its format, and that what ships is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatrec_env.errors import CatalogError
from experiments.language.corpus import COLUMNS, Marked, held_halves, parse_message, read_corpus, read_file


def test_mentions_stand_in_the_bare_text() -> None:
    message = parse_message("any", "any", "f", "-", "no [gore|avoid!] but [fun|want?@other]")
    assert message.text == "no gore but fun"
    assert message.mentions == (Marked(3, 7, "avoid", "!"), Marked(12, 15, "want", "?", other=True))
    assert message.acts == frozenset()


@pytest.mark.parametrize(
    "row",
    [
        "films\topen\tf\tYEP\tx",
        "films\topen\tf\t-\t[x|love]",
        "films\topen\tf\t-\t[x",
        "films\tlater\tf\t-\tx",
        "films\topen",
    ],
)
def test_a_line_that_is_no_message_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("\t".join(COLUMNS) + "\n" + row + "\n", encoding="utf-8")
    with pytest.raises(CatalogError, match="line 2"):
        read_file(path)


def test_the_corpus_covers_every_domain_and_holds_out_whole_families() -> None:
    messages = read_corpus()
    assert len(messages) > 4_000
    assert {message.domain for message in messages} == {
        *("any", "films", "books", "music", "shopping", "travel", "courses")
    }
    chosen, held = held_halves(messages)
    families = {message.family for message in messages}
    assert not chosen & held
    assert 0.1 * len(families) < len(chosen | held) < 0.2 * len(families)


def test_a_family_stays_held_out_when_the_corpus_grows() -> None:
    messages = read_corpus()
    for part, all_ in zip(held_halves(messages[::3]), held_halves(messages), strict=True):
        assert part <= all_
