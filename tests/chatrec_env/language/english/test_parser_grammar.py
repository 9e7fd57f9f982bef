"""The parser reads every sentence of the grammar back: exactly as written, and nearly always with a typo."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import load_catalog
from tests.chatrec_env.language.reading_accuracy import measure


@pytest.fixture(scope="module")
def measured() -> tuple[dict[bool, dict[str, int]], list[str]]:
    counts, wrong = measure(load_catalog("movies"))
    return {typo: dict(count) for typo, count in counts.items()}, [
        f"{kind}: {text}" for kind, text, _ in wrong
    ]


def test_reads_nearly_every_sentence_without_typos(
    measured: tuple[dict[bool, dict[str, int]], list[str]],
) -> None:
    counts, wrong = measured
    assert counts[False]["all"] > 10_000
    assert counts[False]["clean"] >= 0.995 * counts[False]["all"], [
        line for line in wrong if "typo" not in line
    ]


def test_reads_nine_in_ten_sentences_with_typos(
    measured: tuple[dict[bool, dict[str, int]], list[str]],
) -> None:
    counts, wrong = measured
    assert counts[True]["all"] > 2_000
    assert counts[True]["clean"] >= 0.9 * counts[True]["all"], wrong
