"""Themes on disk: one safetensors file, read with suspicion; those of the built-in catalogues come with the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chatrec_env.catalog.loading import BUILT_IN, load_catalog
from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.retrieval.factor_files import opened
from chatrec_env.retrieval.themes import MOST_THEMES, Themes

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

PLACE = Path(__file__).parent / "learned"
LEARNED = "learned"
"""What stands for the file that comes with a built-in catalogue."""

FORMAT = 1


def pack_themes(themes: Themes) -> bytes:
    """The file's bytes; numbers lose what float16 does not hold."""
    from safetensors.numpy import save

    about = {"format": FORMAT, "catalog": themes.catalog, "encoder": themes.encoder}
    tensors = {name: getattr(themes, name).astype(np.float16) for name in ("centres", "worth")}
    tensors |= {"centre": themes.centre, "share": themes.share}
    return save(tensors, {"chatrec": json.dumps(about, sort_keys=True)})


def unpack_themes(data: bytes, source: Path | str) -> Themes:
    """Themes from a file's bytes; ``source`` is named if they are none.

    Raises:
        ArtifactError: The bytes are damaged or something else.
    """
    try:
        tensors, about = opened(data, FORMAT)
        numbers = {name: tensors[name].astype(np.float32) for name in ("centres", "centre", "share", "worth")}
        themes = Themes(**numbers, catalog=str(about["catalog"]), encoder=str(about["encoder"]))
        t, d = themes.centres.shape
        fits = themes.centre.shape == (d,) and themes.share.shape == (t,) and themes.worth.shape[:-1] == (t,)
        sound = all(np.isfinite(each).all() for each in numbers.values()) and (themes.share > 0).all()
        if not (fits and sound and 1 <= t <= MOST_THEMES):
            raise ValueError("numbers of other shapes, or that are not finite")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"{source} is damaged: expected themes, got {error}. Remove it or learn them again "
            "(chatrec fit-themes)."
        ) from error
    return themes


def load_themes(name: str, catalog: Catalog, encoder: str) -> Themes:
    """Themes of a catalogue.

    Args:
        name: ``"learned"`` for those that come with a built-in catalogue, or the path of a file.
        catalog: The items they are of.
        encoder: Name of the encoder of the sentences.

    Raises:
        ArtifactError: The file is missing or damaged.
        ConfigError: None come with this catalogue, or they are of another catalogue or encoder.
    """
    path, again = Path(name), f"chatrec fit-themes --catalog {catalog.name}"
    if catalog.name not in BUILT_IN or load_catalog(catalog.name) != catalog:
        again = "chatrec fit-themes --catalog TABLE"
    if name == LEARNED:
        path = PLACE / f"{catalog.name}.safetensors"
        if not path.is_file() or catalog.name not in BUILT_IN or load_catalog(catalog.name) != catalog:
            raise ConfigError(
                f"themes='learned': none come with catalog {catalog.name!r}. Learn some with {again}, and give their "
                "path."
            )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error}.") from error
    themes = unpack_themes(data, path)
    if themes.catalog != catalog.digest or themes.worth.shape[1] != catalog.n_items:
        raise ConfigError(
            f"themes={name!r} were learned with another catalogue than {catalog.name!r}, or before it was edited. "
            f"Learn them again: {again}."
        )
    if themes.encoder != encoder:
        raise ConfigError(
            f"themes={name!r} were learned with encoder {themes.encoder!r}, got {encoder!r}. Use that one, or learn "
            f"them again: {again} --encoder {encoder}."
        )
    return themes
