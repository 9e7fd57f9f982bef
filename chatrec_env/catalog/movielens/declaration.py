"""The declaration that MovieLens folders are read with."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec_env.catalog.declaration import Context, Declaration, Setting
from chatrec_env.catalog.facets import Facet

# The order of the flags in ``u.item``.
GENRES_100K: tuple[str, ...] = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"),
    *(
        "Fantasy",
        "Film-Noir",
        "Horror",
        "Musical",
        "Mystery",
        "Romance",
        "Sci-Fi",
        "Thriller",
        "War",
        "Western",
    ),
)

# Genre: noun phrase, plural, synonyms.
_WORDING: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "Action": ("an action film", "action films", ("action movie", "action-packed")),
    "Adventure": ("an adventure film", "adventure films", ("adventures", "swashbuckler")),
    "Animation": ("an animated film", "animated films", ("animated", "cartoon", "cartoons", "anime")),
    "Children": (
        "a children's film",
        "children's films",
        ("kids", "for kids", "children's", "family film", "kid-friendly"),
    ),
    "Children's": (
        "a children's film",
        "children's films",
        ("kids", "for kids", "children", "family film", "kid-friendly"),
    ),
    "Comedy": ("a comedy", "comedies", ("comedies", "funny", "hilarious", "laugh")),
    "Crime": ("a crime film", "crime films", ("gangster", "gangsters", "heist")),
    "Documentary": ("a documentary", "documentaries", ("documentaries", "docu", "non-fiction")),
    "Drama": ("a drama", "dramas", ("dramas", "dramatic")),
    "Fantasy": ("a fantasy film", "fantasy films", ("magic", "magical")),
    "Film-Noir": ("a film noir", "films noirs", ("noir", "film noir")),
    "Horror": ("a horror film", "horror films", ("scary", "slasher", "horror movie")),
    "IMAX": ("an IMAX film", "IMAX films", ("imax",)),
    "Musical": ("a musical", "musicals", ("musicals", "singing")),
    "Mystery": ("a mystery", "mysteries", ("mysteries", "whodunit", "whodunnit", "detective")),
    "Romance": ("a romance", "romances", ("romances", "romantic", "love story", "rom-com", "romcom")),
    "Sci-Fi": (
        "a science fiction film",
        "science fiction films",
        ("science fiction", "scifi", "sci fi", "space"),
    ),
    "Thriller": ("a thriller", "thrillers", ("thrillers", "suspense", "suspenseful")),
    "War": ("a war film", "war films", ("world war", "wartime", "war movie")),
    "Western": ("a western", "westerns", ("westerns", "cowboy", "cowboys", "wild west")),
}

_DECADES: dict[str, tuple[str, ...]] = {
    "1920s": ("twenties", "silent era"),
    "1930s": ("thirties", "30s"),
    "1940s": ("forties", "40s"),
    "1950s": ("fifties", "50s"),
    "1960s": ("sixties", "60s"),
    "1970s": ("seventies", "70s"),
    "1980s": ("eighties", "80s"),
    "1990s": ("nineties", "90s"),
    "2000s": ("noughties", "two-thousands", "00s"),
    "2010s": ("twenty-tens",),
    "2020s": ("twenty-twenties",),
}


def movielens_declaration(name: str, years: Sequence[int]) -> Declaration:
    """The declaration of a MovieLens folder: genre (open vocabulary) and era.

    Args:
        name: Name of the catalogue, usually that of the folder.
        years: The years that occur; the decades between the earliest and the latest become the bins
            of the era. Without any year there is no era facet.
    """
    facets = [
        Facet(
            name="genre",
            kind="multi",
            column="genres",
            critique="too much {value}",
            value_phrases={genre: wording[0] for genre, wording in _WORDING.items()},
            value_plurals={genre: wording[1] for genre, wording in _WORDING.items()},
            value_critiques={genre: f"too much of {wording[0]}" for genre, wording in _WORDING.items()},
            synonyms={genre: wording[2] for genre, wording in _WORDING.items()},
        )
    ]
    if years:
        first, last = min(years) // 10 * 10, max(years) // 10 * 10
        decades = [f"{year}s" for year in range(first, last + 10, 10)]
        facets.append(
            Facet(
                name="era",
                kind="numeric",
                column="year",
                values=tuple(decades),
                bins=tuple(float(year) for year in range(first, last + 20, 10)),
                weight=0.5,
                phrase="a {noun} from the {value}",
                plural="{noun_plural} from the {value}",
                critique="too obviously from the {value}",
                synonyms={decade: _DECADES[decade] for decade in decades if decade in _DECADES},
                more="newer",
                less="older",
            )
        )
    return Declaration(
        name=name,
        noun="film",
        noun_plural="films",
        verb="watch",
        verb_past=("watched", "seen"),
        columns={
            "id": "movie id",
            "title": "title",
            "year": "year",
            "popularity": "popularity",
            "acclaim": "acclaim",
        },
        optional=("year", "genres"),
        facets=tuple(facets),
        contexts=(
            Context(
                name="partner",
                phrase="I'm watching with my partner",
                wants=("genre:Romance",),
                avoids=("genre:Horror",),
                synonyms=("date night", "with my partner", "with my wife", "with my husband"),
            ),
            Context(
                name="kids",
                phrase="We're watching with the kids",
                wants=("genre:Children", "genre:Children's"),
                avoids=("genre:Horror", "genre:Crime"),
                synonyms=("with the kids", "with my kids", "with the children", "family night"),
            ),
        ),
        times=(
            Setting(name="morning", share=0.1, wants=("genre:Children", "genre:Children's")),
            Setting(name="afternoon", share=0.25, wants=("genre:Adventure",), avoids=("genre:Horror",)),
            Setting(name="evening", share=0.45, wants=("genre:Drama",)),
            Setting(name="night", share=0.2, wants=("genre:Thriller",), avoids=("genre:Children",)),
        ),
        devices=(
            Setting(name="phone", share=0.2, wants=("genre:Comedy",), avoids=("genre:War",)),
            Setting(name="tablet", share=0.15, wants=("genre:Animation",)),
            Setting(name="computer", share=0.2, wants=("genre:Documentary",)),
            Setting(name="tv", share=0.45, wants=("genre:Action",)),
        ),
    )
