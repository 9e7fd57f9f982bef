"""How facts of an item are said: "it runs 1 h 43 min", "its director is Ana Ruiz"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english.phrases import ValuePhrases, clean
from chatrec_env.language.english.word_forms import plural, singular
from chatrec_env.language.facts import N_FAME, bin_edges, topics

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

# By level of `facts.opinions`; the last level, where the catalogue has no figures, has no words.
RATED: Final = ("panned", "rated low", "rated as average", "well rated", "highly rated")
KNOWN: Final = ("little known", "fairly well known", "very well known")


def listed(parts: Sequence[str]) -> str:
    """``"a"``, ``"a and b"``, ``"a, b and c"``."""
    return " and ".join((*([", ".join(parts[:-1])] if parts[:-1] else []), *parts[-1:]))


def judged(opinion: int) -> str:
    """What others think of an item, after "it is"; empty where that is not known.

    Args:
        opinion: As ``facts.opinions`` numbers them.
    """
    acclaim, fame = divmod(opinion, N_FAME)
    parts = [*RATED[acclaim : acclaim + 1], *KNOWN[fame : fame + 1]]
    if len(parts) == 2 and acclaim < 2 and fame == 2:
        return " though ".join(parts)
    return listed(parts)


def amount(number: float, unit: str) -> str:
    """A number with its unit: ``"1 h 43 min"``, ``"39 euros"``, ``"1 day"``; a year where there is no unit."""
    if not unit:
        return f"{-number:g} BC" if number < 0 else f"{number:.7g}"
    if unit == "minutes" and number >= 60:
        hours, minutes = divmod(round(number), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    head, space, rest = clean(unit).partition(" ")
    return f"{number:.7g} {singular(head) if number == 1 else head}{space}{rest}"


_LIMITS: Final = {
    ("below", "year"): ("before {}", "made before {}"),
    ("below", "amount"): ("under {}", "less than {}", "below {}"),
    ("from", "year"): ("from {} on", "{} or later"),
    ("from", "amount"): ("at least {}", "{} or more", "no less than {}"),
}


class FactWords:
    """The facts of a catalogue in words.

    Args:
        values: The phrases of every value.
    """

    def __init__(self, catalog: Catalog, values: Sequence[ValuePhrases]) -> None:
        self._catalog, self._values = catalog, values

    def thing(self, topic: int) -> str:
        """What is asked about, as the object of "I don't know": ``"its length"``, ``"its director"``."""
        n_facets = self._catalog.n_facets
        if topic < n_facets:
            return f"its {clean(self._catalog.facets[topic].question).replace('_', ' ')}"
        return f"its {_column(self._catalog.declaration.entities[topic - n_facets])}"

    def clause(self, item: int, topic: int) -> str:
        """What the card of an item says on a topic, after "it"; empty where it says nothing."""
        n_facets = self._catalog.n_facets
        if topic >= n_facets:
            return self._people(item, topic - n_facets)
        return self._number(item, topic) or self._carried(item, topic)

    def limit(self, value: int, above: bool, seed: int) -> str:
        """A wish for the numbers up to a value's, or from them on: ``"under 95 minutes"``, ``"from 1980 on"``.

        Args:
            value: A value of a numeric facet; one without the limit is just wished for.
            above: From its lower end on, not up to its upper end.
            seed: Chooses among phrases.
        """
        edge = bin_edges(self._catalog, value)[0 if above else 1]
        if edge is None:
            return self._values[value].something
        unit = self._catalog.facets[int(self._catalog.value_facet[value])].unit
        phrases = _LIMITS["from" if above else "below", "amount" if unit else "year"]
        told = f"{edge:g} {clean(unit)}" if unit and seed % 2 else amount(edge, unit)
        return phrases[seed // 2 % len(phrases)].format(told)

    def question(self, topic: int, seed: int) -> str:
        """A whole question for a topic, without its question mark: ``"how long is it"``."""
        asked = self._catalog.declaration.questions.get(topics(self._catalog)[topic], ())
        noun = self.thing(topic).removeprefix("its ")
        asked = asked or (f"what {noun} is it", f"what's the {noun}", f"which {noun} is it")
        return asked[seed % len(asked)]

    def _people(self, item: int, column: int) -> str:
        names = [clean(self._catalog.entity_names[e]) for e in self._catalog.credits[item][column]]
        role = _column(self._catalog.declaration.entities[column])
        one = singular(role)
        return f"has {listed(names)} as its {plural(one) if len(names) > 1 else one}" if names else ""

    def _number(self, item: int, topic: int) -> str:
        """The exact number, where the catalogue has one that can be said; free of charge is told by its bin."""
        facet, number = self._catalog.facets[topic], float(self._catalog.numbers[item, topic])
        if not facet.numeric or math.isnan(number) or number == 0 or not (facet.unit or facet.told_as):
            return ""
        told = amount(number, facet.unit)
        return (
            facet.told_as.replace("{number}", told)
            if facet.told_as
            else f"has {self.thing(topic)[4:]} {told}"
        )

    def _carried(self, item: int, topic: int) -> str:
        part = self._catalog.facet_slices[topic]
        carried = [v for v in range(part.start, part.stop) if self._catalog.values[item, v] > 0]
        return f"is {all_of([self._values[v] for v in carried])}" if carried else ""


def _column(name: str) -> str:
    return clean(name).replace("_", " ")


def all_of(values: Sequence[ValuePhrases]) -> str:
    """Values of a facet after "it is": ``"dark and tense"``, ``"about revenge and grief"``, ``"a drama"``."""
    first = values[0].phrase
    if len(values) == 1 or all(value.but == value.phrase.pre for value in values):
        return listed([value.but for value in values])
    link = first.tail.partition(" ")[0] + " "
    if all(value.but == value.phrase.tail and value.but.startswith(link) for value in values):
        return link + listed([value.but.removeprefix(link) for value in values])
    return listed([value.one for value in values])
