"""What is known of an item: facts, truths and opinions, worked by hand and over the six domains."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language.facts import Truth, known_facts, opinions, topics, truths
from tests.chatrec_env.language import small_domains

DOMAINS = ("movies", "books", "music", "shopping", "travel", "courses")


@pytest.fixture(scope="module")
def films() -> Catalog:
    return load_catalog("movies")


def test_topics_are_facets_and_then_people(films: Catalog) -> None:
    assert topics(films)[:2] == ("genre", "mood")
    assert topics(films)[-2:] == ("director", "leads")


def test_truths_of_a_film(films: Catalog) -> None:
    heat = truths(films)[films.item_index("Heat", 1995)]
    told = {
        name: Truth(heat[films.value_index(*name.split(":"))])
        for name in ("genre:crime", "genre:musical", "era:1990s", "era:1980s", "length:long")
    }
    assert told == {
        "genre:crime": Truth.YES,
        "genre:musical": Truth.NO,
        "era:1990s": Truth.YES,
        "era:1980s": Truth.NO,
        "length:long": Truth.YES,
    }


def test_what_the_card_leaves_open_is_not_known() -> None:
    catalog = small_domains.courses()
    basics = catalog.item_index("Watercolour Basics")  # no teacher in the table
    teacher = topics(catalog).index("teacher")
    assert not known_facts(catalog)[basics, teacher]
    assert known_facts(catalog)[catalog.item_index("Proofs and Puzzles"), teacher]


def test_opinions_are_levels_of_acclaim_and_fame(films: Catalog) -> None:
    # 4 levels of fame to each of acclaim: Heat is highly rated (4) and very well known (2).
    assert opinions(films)[films.item_index("Heat", 1995)] == 4 * 4 + 2
    # Without either column nothing is known: 4 * 5 + 3.
    assert set(opinions(small_domains.courses()).tolist()) == {23}


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_knows_its_items(domain: str) -> None:
    catalog = load_catalog(domain)
    truth, known = truths(catalog), known_facts(catalog)
    assert truth.shape == (catalog.n_items, catalog.n_values)
    assert known.shape == (catalog.n_items, len(topics(catalog)))
    np.testing.assert_array_equal(truth == Truth.YES, catalog.values > 0)
    for f, part in enumerate(catalog.facet_slices):
        assert np.all((truth[:, part] == Truth.NOT_KNOWN).all(1) == ~known[:, f])
    assert 0 <= opinions(catalog).min() <= opinions(catalog).max() < 24
