"""Real ratings as a log to fit collaborative factors on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulators.ratings import read_ratings

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog


def ratings_log(
    folder: Path, catalog: Catalog
) -> tuple[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float32]], str]:
    """Person, item and stars ``(n,)`` of a MovieLens folder, and what to call them.

    Args:
        folder: As for ``read_ratings``.
        catalog: Made of the same folder.
    """
    ratings = read_ratings(folder, catalog)
    about = f"{len(ratings)} ratings of {ratings.n_users} people in {folder.resolve().name}"
    return (ratings.users, ratings.items, ratings.stars), about
