"""What the rules read of a message, as the network hears it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.mentions import Mention, MentionKind
from chatrec_env.language.learned.scheme import ACTS

SIGNS: Final = ("silent", "for", "against", "spoken of")
"""What the rules read of a mention."""

_SHARED: Final = {
    **{
        name: UserAct[name] for name in ("GREET", "THANK", "LEAVE", "YES", "NO", "DONT_KNOW", "NO_PREFERENCE")
    },
    **{name: UserAct[name] for name in ("SEEN_IT", "MORE_LIKE_THAT", "IMPATIENT")},
    "LIKED_IT": UserAct.ACCEPT,
    "DISLIKED_IT": UserAct.REJECT,
}
"""By act of the scheme what the rules call it; said of nothing on the table, their verdicts are opinions."""

SHARED: Final = np.array([name in _SHARED for name in ACTS])
"""Which acts of :data:`.scheme.ACTS` the rules may vouch for; taking and turning down are not among them."""


def vouched(told: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Per act ``(A,)`` what the rules say, of the acts that they read ``(U,)``: 1 it holds, -1 not, 0 nothing."""
    said = [2 * told[_SHARED[name]] - 1 if name in _SHARED else 0 for name in ACTS]
    return np.array(said, np.float32)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rules' reading of a message with M mentions."""

    acts: npt.NDArray[np.float32]  # (U,) 1 for each act of `UserAct` that was read
    signs: npt.NDArray[np.int64]  # (M,) into `SIGNS`

    @classmethod
    def nothing(cls, mentions: int) -> Evidence:
        """As if the rules had read nothing."""
        return cls(np.zeros(len(UserAct), np.float32), np.zeros(mentions, np.int64))

    @classmethod
    def of(cls, read: Sequence[ParsedAct], mentions: Sequence[Mention]) -> Evidence:
        """What the rules read of a message, and of each of its mentions."""
        out = cls.nothing(len(mentions))
        for act in read:
            out.acts[act.act] = 1
        for i, mention in enumerate(mentions):
            signs = [act.polarity for act in read if _is_about(act, mention)]
            if signs:  # what was said last stands
                out.signs[i] = {1: 1, -1: 2}.get(signs[-1], 3)
        return out


def excessive(read: Sequence[ParsedAct], mention: Mention) -> bool:
    """Whether the rules read that there is too much of what is mentioned."""
    return any(act.act == UserAct.TOO and _is_about(act, mention) for act in read)


def _is_about(act: ParsedAct, mention: Mention) -> bool:
    if mention.kind == MentionKind.PERSON:
        return act.entity >= 0 and act.entity == mention.entity
    if mention.kind == MentionKind.TITLE:
        return act.item >= 0 and act.item == mention.item
    if mention.kind in (MentionKind.COMPARATIVE, MentionKind.DEGREE):
        return act.act == UserAct.RELATIVE and act.facet == mention.facet
    return act.value >= 0 and act.value in mention.values
