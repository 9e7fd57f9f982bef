"""What is written in cells: numbers with signs and words, lists, markup."""

from __future__ import annotations

import pytest

from chatrec_env.catalog.written import amount_of, currency, listed, plain_text


@pytest.mark.parametrize(
    ("cell", "decimal", "number", "unit"),
    [
        pytest.param("£9.99 per bottle", ".", 9.99, "pounds per bottle", id="price-per"),
        pytest.param("480k", ".", 480_000, "", id="thousands"),
        pytest.param("$1.2m", ".", 1_200_000, "dollars", id="millions-of-money"),
        pytest.param("5 m", ".", 5, "m", id="metres"),
        pytest.param("1.200,50 €", ",", 1200.5, "euros", id="decimal-comma"),
        pytest.param("1,20,000", ".", 120_000, "", id="lakh"),
        pytest.param("1 234,5 zł", ",", 1234.5, "zloty", id="spaces-between"),
        pytest.param("1'200.50 CHF", ".", 1200.5, "francs", id="apostrophes-between"),
        pytest.param("SAR 45", ".", 45, "riyals", id="code-before"),
        pytest.param("−5", ".", -5, "", id="minus-sign"),
        pytest.param("10,000+", ".", 10_000, "", id="and-more"),
        pytest.param("99 €/night", ".", 99, "euros per night", id="slash"),
        pytest.param("1e5", ".", 100_000, "", id="exponent"),
        pytest.param("1h 30m", ".", 90, "minutes", id="hours-and-minutes"),
        pytest.param("Rs. 1,200/-", ".", 1200, "rupees", id="and-nothing-after-it"),
    ],
)
def test_a_number_as_it_is_written(cell: str, decimal: str, number: float, unit: str) -> None:
    assert amount_of(cell, decimal) == (number, unit)


@pytest.mark.parametrize(
    "cell", ["many", "Route 66", "2-4", "2021-03-04", "4.5/5", "nan", "inf", "1_000", "1,5", "12:30", ""]
)
def test_what_is_no_number(cell: str) -> None:
    assert amount_of(cell) is None


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        pytest.param("['sour', 'sweet']", ("sour", "sweet"), id="python"),
        pytest.param('["sour", "sweet"]', ("sour", "sweet"), id="json"),
        pytest.param("['sour' 'sweet']", ("sour", "sweet"), id="numpy"),
        pytest.param("[{'id': 4, 'name': 'sour'}]", ("sour",), id="objects-with-names"),
        pytest.param('{sour,"very sweet"}', ("sour", "very sweet"), id="postgres"),
        pytest.param("[sour, sweet]", ("sour", "sweet"), id="bare"),
        pytest.param("[]", (), id="empty"),
        pytest.param("sour, sweet", None, id="no-list"),
        pytest.param('{"sour": 1}', None, id="no-list-of-texts"),
    ],
)
def test_a_list_as_it_is_written(cell: str, parts: tuple[str, ...] | None) -> None:
    assert listed(cell) == parts


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param("<p>Warm &amp; <b>lo</b>ud</p>", " Warm & loud ", id="tags"),
        pytest.param("a < b and c > d", "a < b and c > d", id="signs"),
        pytest.param("<style>p {}</style>R&D", " R&D", id="styles"),
        pytest.param("I &lt;3 it", "I <3 it", id="entities"),
    ],
)
def test_markup_is_text(cell: str, text: str) -> None:
    assert plain_text(cell) == text


def test_money_by_sign_code_and_word() -> None:
    assert [currency(word) for word in ("€", "US$", "riyal", "KRW", "XOF", "bananas")] == [
        *("euros", "dollars", "riyals", "won", "XOF", ""),
    ]
