"""Small catalogues of other domains, made by hand: songs, destinations and courses."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chatrec_env.catalog import Catalog, from_frame

SONGS: dict[str, Any] = {
    "name": "songs",
    "noun": "song",
    "noun_plural": "songs",
    "noun_synonyms": ["track", "tune", "number one"],
    "verb": "listen to",
    "verb_past": ["listened to", "heard"],
    "columns": {"title": "title", "year": "year"},
    "entities": ["artist"],
    "facets": [
        {
            "name": "genre",
            "kind": "multi",
            "column": "genres",
            "value_phrases": {"soul": "a soul song", "jazz": "a jazz number"},
            "value_plurals": {"soul": "soul songs", "jazz": "jazz numbers"},
            "critique": "too much {value}",
            "synonyms": {"hip-hop": ["rap"], "electronic": ["techno", "house"]},
        },
        {
            "name": "mood",
            "kind": "multi",
            "column": "moods",
            "synonyms": {"mellow": ["chilled", "laid-back"], "upbeat": ["happy", "cheerful"]},
        },
        {
            "name": "tempo",
            "kind": "numeric",
            "column": "bpm",
            "values": ["slow", "mid-tempo", "fast"],
            "bins": [None, 90, 125, None],
            "weight": 0.5,
            "more": "faster",
            "less": "slower",
            "unit": "bpm",
            "unit_words": {"beats per minute": 1, "beats a minute": 1},
        },
        {
            "name": "decade",
            "kind": "numeric",
            "column": "year",
            "values": ["1970s", "1980s", "1990s", "2000s"],
            "bins": [1970, 1980, 1990, 2000, 2010],
            "weight": 0.5,
            "phrase": "a {noun} from the {value}",
            "plural": "{noun_plural} from the {value}",
            "critique": "too {value}",
            "more": "newer",
            "less": "older",
        },
        {
            "name": "length",
            "kind": "numeric",
            "column": "seconds",
            "values": ["short", "long"],
            "bins": [None, 240, None],
            "weight": 0.25,
            "more": "longer",
            "less": "shorter",
            "unit": "seconds",
            "question_synonyms": ["duration"],
        },
    ],
    "contexts": [
        {"name": "party", "phrase": "It's for a party", "wants": ["mood:upbeat"], "synonyms": ["dancing"]},
        {"name": "work", "phrase": "I'm trying to concentrate", "wants": ["mood:mellow"]},
    ],
}
SONG_ROWS = [
    ("Blue Kettle", 1972, "soul|funk", "mellow|warm", 84, 251, "Nadia Prent"),
    ("Paper Lanterns", 1979, "soul", "romantic", 76, 233, "Nadia Prent"),
    ("Harbour Light", 1984, "pop|electronic", "upbeat", 121, 219, "The Vellums"),
    ("Glass Elevator", 1986, "electronic", "dreamy|dark", 108, 312, "The Vellums"),
    ("Run the Ridge", 1991, "rock", "angry|dark", 148, 198, "Oskar Dray"),
    ("Sundial", 1994, "hip-hop|jazz", "mellow", 92, 271, "Kite and Co"),
    ("Late Tram", 1998, "jazz", "mellow|dreamy", 70, 402, "Ines Maro"),
    ("Copper Wire", 2003, "rock|pop", "upbeat", 134, 187, "Oskar Dray"),
    ("Nine Rivers", 2007, "folk", "warm|sad", 88, 244, "Ines Maro"),
    ("Overland", 2009, "folk|pop", "upbeat|warm", 126, 205, "Kite and Co"),
]

PLACES: dict[str, Any] = {
    "name": "places",
    "noun": "destination",
    "noun_plural": "destinations",
    "noun_synonyms": ["place", "trip", "holiday"],
    "verb": "visit",
    "verb_past": ["been to", "visited"],
    "columns": {"title": "place"},
    "facets": [
        {
            "name": "activity",
            "kind": "multi",
            "column": "activities",
            "phrase": "a {noun} for {value}",
            "plural": "{noun_plural} for {value}",
            "critique": "too much {value}",
            "synonyms": {"hiking": ["walking", "trekking"], "food": ["eating", "restaurants"]},
        },
        {
            "name": "climate",
            "kind": "single",
            "column": "climate",
            "synonyms": {"hot": ["sunny"], "cold": ["snowy"]},
        },
        {
            "name": "region",
            "kind": "single",
            "column": "region",
            "phrase": "a {noun} in {value}",
            "plural": "{noun_plural} in {value}",
            "critique": "too {value}",
            "value_critiques": {"Asia": "too far east", "Europe": "too European", "Africa": "too African"},
        },
        {
            "name": "price",
            "kind": "numeric",
            "column": "night",
            "values": ["cheap", "mid-range", "expensive"],
            "bins": [0, 60, 150, None],
            "weight": 0.5,
            "more": "more expensive",
            "less": "cheaper",
            "unit": "euros per night",
            "synonyms": {"cheap": ["budget"], "expensive": ["luxury", "pricey"]},
        },
        {
            "name": "flight",
            "kind": "numeric",
            "column": "flight",
            "values": ["nearby", "far away"],
            "bins": [0, 4, None],
            "weight": 0.25,
            "question": "flight time",
            "more": "further away",
            "less": "closer",
            "unit": "hours",
        },
    ],
    "contexts": [
        {"name": "kids", "phrase": "We're travelling with the kids", "wants": ["activity:beaches"]},
        {"name": "couple", "phrase": "It's for our honeymoon", "synonyms": ["with my partner"]},
    ],
}
PLACE_ROWS = [
    ("Lisbon", "food|museums", "mild", "Europe", 85, 2.5),
    ("Reykjavik", "hiking|museums", "cold", "Europe", 170, 3.5),
    ("Marrakesh", "food|shopping", "hot", "Africa", 45, 3.5),
    ("Zanzibar", "beaches|diving", "hot", "Africa", 95, 10),
    ("Kyoto", "museums|food", "mild", "Asia", 120, 13),
    ("Hanoi", "food|shopping", "hot", "Asia", 30, 12),
    ("Chamonix", "hiking|skiing", "cold", "Europe", 160, 1.5),
    ("Crete", "beaches|hiking", "hot", "Europe", 55, 3.8),
    ("Cape Town", "beaches|hiking", "mild", "Africa", 75, 12),
    ("Maldives", "beaches|diving", "hot", "Asia", 380, 11),
]

COURSES: dict[str, Any] = {
    "name": "courses",
    "noun": "course",
    "noun_plural": "courses",
    "verb": "take",
    "verb_past": ["took", "taken"],
    "columns": {"title": "title", "sentence": "about"},
    "optional": ["about", "teacher"],
    "entities": ["teacher"],
    "facets": [
        {
            "name": "subject",
            "kind": "multi",
            "column": "subjects",
            "phrase": "a {noun} about {value}",
            "plural": "{noun_plural} about {value}",
            "critique": "too much {value}",
            "synonyms": {"programming": ["coding"], "statistics": ["stats"]},
        },
        {
            "name": "level",
            "kind": "single",
            "column": "level",
            "values": ["beginner", "intermediate", "advanced"],
            "value_critiques": {
                "beginner": "too basic",
                "intermediate": "too middling",
                "advanced": "too hard",
            },
            "synonyms": {"beginner": ["for beginners", "introductory"]},
        },
        {
            "name": "workload",
            "kind": "numeric",
            "column": "weekly",
            "values": ["light", "moderate", "heavy"],
            "bins": [0, 4, 8, None],
            "weight": 0.5,
            "phrase": "a {noun} with a {value} workload",
            "plural": "{noun_plural} with a {value} workload",
            "critique": "too {value}",
            "value_critiques": {"light": "too light", "moderate": "too moderate", "heavy": "too much work"},
            "more": "more intensive",
            "less": "lighter",
            "unit": "hours per week",
        },
        {
            "name": "length",
            "kind": "numeric",
            "column": "hours",
            "values": ["short", "medium-length", "long"],
            "bins": [0, 20, 60, None],
            "weight": 0.5,
            "more": "longer",
            "less": "shorter",
            "unit": "hours",
        },
        {
            "name": "price",
            "kind": "numeric",
            "column": "fee",
            "values": ["free", "affordable", "premium"],
            "bins": [0, 0.01, 200, None],
            "weight": 0.5,
            "more": "pricier",
            "less": "cheaper",
            "unit": "USD",
        },
    ],
}
COURSE_ROWS = [
    ("Python from Scratch", "programming", "beginner", 5, 40, 0, "Ada Quill", ""),
    ("Data with Care", "statistics|programming", "intermediate", 6, 60, 149, "Ben Osei", ""),
    ("Proofs and Puzzles", "mathematics", "advanced", 10, 120, 299, "Ada Quill", ""),
    ("Sketching Cities", "drawing", "beginner", 3, 12, 49, "", "Weekly walks with a sketchbook."),
    ("Watercolour Basics", "drawing", "beginner", 2, 10, 0, "", ""),
    ("Web Apps that Last", "programming|design", "intermediate", 8, 80, 199, "Ben Osei", ""),
    ("Probability Lab", "statistics|mathematics", "advanced", 9, 70, 249, "Ira Voss", ""),
    ("Type and Layout", "design", "intermediate", 4, 30, 99, "Ira Voss", ""),
    ("Spanish for Travel", "languages", "beginner", 3, 24, 79, "", ""),
    ("Advanced Spanish", "languages", "advanced", 7, 90, 219, "", ""),
]


def songs() -> Catalog:
    """Songs: tempo in bpm, decades, lengths in seconds, artists."""
    columns = ["title", "year", "genres", "moods", "bpm", "seconds", "artist"]
    return from_frame(pd.DataFrame(SONG_ROWS, columns=columns), SONGS)


def places() -> Catalog:
    """Destinations: no years, no people, a price a night and hours in the air."""
    columns = ["place", "activities", "climate", "region", "night", "flight"]
    return from_frame(pd.DataFrame(PLACE_ROWS, columns=columns), PLACES)


def courses() -> Catalog:
    """Courses: no years; hours a week beside hours in all; a fee that may be nothing."""
    columns = ["title", "subjects", "level", "weekly", "hours", "fee", "teacher", "about"]
    return from_frame(pd.DataFrame(COURSE_ROWS, columns=columns), COURSES)
