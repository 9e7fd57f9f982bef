"""A small catalogue of another domain, to see that nothing in the parser is about films."""

from __future__ import annotations

import pandas as pd

from chatrec_env.catalog import Catalog, Context, Declaration, Facet, from_frame

ROWS = [
    ("Pad Thai", "Thai", "spicy|sweet", "noodles|peanuts", 30, 6.0, "Nok Suwan"),
    ("Green Curry", "Thai", "spicy", "chicken|coconut", 45, 8.0, "Nok Suwan"),
    ("Carbonara", "Italian", "rich|salty", "pasta|bacon|eggs", 25, 5.0, "Ada Boni"),
    ("Margherita", "Italian", "mild", "cheese|tomatoes", 90, 4.0, "Ada Boni"),
    ("Tiramisu", "Italian", "sweet|rich", "coffee|eggs", 40, 7.0, "Ada Boni"),
    ("Shepherd's Pie", "British", "rich|mild", "lamb|potatoes", 100, 9.0, "Delia Smith"),
    ("Bubble and Squeak", "British", "salty", "potatoes|cabbage", 20, 3.0, "Delia Smith"),
    ("The Works", "British", "rich|salty", "bacon|eggs", 30, 6.0, "Delia Smith"),
    ("Ratatouille", "French", "mild", "tomatoes|aubergine", 70, 5.0, "Raymond Oliver"),
    ("Coq au Vin", "French", "rich", "chicken|wine", 150, 14.0, "Raymond Oliver"),
]

DECLARATION = Declaration(
    name="recipes",
    noun="recipe",
    noun_plural="recipes",
    verb="cook",
    verb_past=("cooked", "made"),
    columns={"title": "title"},
    entities=("cook",),
    facets=(
        Facet(
            name="cuisine",
            kind="single",
            column="cuisine",
            question="cuisine",
            phrase="a {value} {noun}",
            critique="too {value}",
            synonyms={"Thai": ("thailand",), "Italian": ("italy",)},
        ),
        Facet(
            name="taste",
            kind="multi",
            column="taste",
            values=("spicy", "mild", "sweet", "rich", "salty"),
            critique="too {value}",
            synonyms={"spicy": ("hot", "fiery"), "rich": ("creamy", "heavy"), "sweet": ("sugary",)},
        ),
        Facet(
            name="ingredient",
            kind="multi",
            column="ingredients",
            phrase="a {noun} with {value}",
            plural="{noun_plural} with {value}",
            critique="too much {value}",
            synonyms={"eggs": ("egg",), "aubergine": ("eggplant",)},
        ),
        Facet(
            name="time",
            kind="numeric",
            column="minutes",
            values=("fast", "slow"),
            bins=(float("-inf"), 45, float("inf")),
            question="cooking time",
            critique="too {value}",
            more="slower",
            less="quicker",
            unit="minutes",
        ),
        Facet(
            name="price",
            kind="numeric",
            column="price",
            values=("cheap", "expensive"),
            bins=(float("-inf"), 7, float("inf")),
            question="price",
            critique="too {value}",
            more="dearer",
            less="cheaper",
            unit="euros",
        ),
    ),
    contexts=(
        Context(name="guests", phrase="We have guests tonight", synonyms=("a dinner party", "with guests")),
    ),
)


def recipes() -> Catalog:
    """The catalogue."""
    columns = ["title", "cuisine", "taste", "ingredients", "minutes", "price", "cook"]
    return from_frame(pd.DataFrame(ROWS, columns=columns), DECLARATION)
