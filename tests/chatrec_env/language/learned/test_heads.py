"""What the heads make of chances: words that no lexicon knows are taken whole."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders import TokenStates
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.heads import Chances, Said, shipped_heads
from chatrec_env.language.learned.mentions import Mention, MentionKind
from chatrec_env.language.learned.scheme import ACTS, ROLES, STRENGTHS
from chatrec_env.language.parser import Parser
from chatrec_env.language.reader.scanning import Scanner

LIKE = 1 + ROLES.index("like")


def test_a_title_that_no_lexicon_knows_is_taken_whole() -> None:
    """MiniLM reads "Notting" as "not" and "ting"; only of the latter it is sure here."""
    text, spans = "like Notting Hill", [(0, 0), (0, 4), (5, 8), (8, 12), (13, 17), (0, 0)]
    words = np.zeros((len(spans), 1 + len(ROLES)), np.float32)
    words[:, 0] = 1.0
    for at in (3, 4):
        words[at] = 0.0
        words[at, LIKE] = 0.9
    said = Said(text, TokenStates(np.zeros((len(spans), 384), np.float32), np.array(spans)), [])
    chances = Chances(
        acts=np.zeros(len(ACTS), np.float32),
        roles=np.zeros((0, len(ROLES)), np.float32),
        strengths=np.zeros((0, len(STRENGTHS)), np.float32),
        other=np.zeros(0, np.float32),
        words=words,
    )
    (one,) = shipped_heads().meant(said, chances)
    assert (text[one.mention.start : one.mention.end], one.role) == ("Notting Hill", "like")


def test_who_asks_about_an_item_does_not_ask_what_the_system_can_do() -> None:
    heads = shipped_heads()
    acts = np.zeros(len(ACTS), np.float32)
    acts[[ACTS.index("HELP"), ACTS.index("ASK_PLOT"), ACTS.index("THANK")]] = (0.9, 0.95, 0.95)
    roles, strengths = (np.zeros((0, n), np.float32) for n in (len(ROLES), len(STRENGTHS)))
    words = np.zeros((0, 1 + len(ROLES)), np.float32)
    chances = Chances(acts, roles, strengths, np.zeros(0, np.float32), words)
    assert sorted(heads.acts(chances)) == ["ASK_PLOT", "THANK"]


def test_whom_it_is_for_is_passed_over_only_where_that_is_clearly_likeliest() -> None:
    heads, mention = shipped_heads(), Mention(MentionKind.COMPANY, 0, 10)
    said = Said(
        "5 year old", TokenStates(np.zeros((0, 384), np.float32), np.zeros((0, 2), np.int64)), [mention]
    )

    def meant(named: float) -> str:
        roles = np.zeros((1, len(ROLES)), np.float32)
        roles[0, [ROLES.index("named"), ROLES.index("want")]] = (named, 1 - named)
        plain = np.array([[1.0, 0.0, 0.0]], np.float32)
        words = np.zeros((0, 1 + len(ROLES)), np.float32)
        chances = Chances(np.zeros(len(ACTS), np.float32), roles, plain, np.zeros(1, np.float32), words)
        return heads.meant(said, chances)[0].role

    assert meant(0.78) == "want"
    assert meant(0.95) == "named"


@pytest.mark.parametrize(
    ("text", "placed", "role"),
    [
        pytest.param("I went to see a horror film with my old friends last week", False, "named", id="told"),
        pytest.param(
            "I went to see a horror film with my old friends last week", True, "want", id="answered"
        ),
        pytest.param("a horror film", False, "want", id="a-request"),
    ],
)
def test_a_value_in_a_long_message_out_of_nowhere_is_a_wish_only_where_that_is_sure(
    text: str, placed: bool, role: str
) -> None:
    heads, start = shipped_heads(), text.index("horror")
    mention = Mention(MentionKind.VALUE, start, start + len("horror"), values=(0,))
    states = TokenStates(np.zeros((0, 384), np.float32), np.zeros((0, 2), np.int64))
    roles = np.zeros((1, len(ROLES)), np.float32)
    roles[0, [ROLES.index("want"), ROLES.index("named")]] = (0.55, 0.45)
    chances = Chances(
        np.zeros(len(ACTS), np.float32),
        roles,
        np.array([[1.0, 0.0, 0.0]], np.float32),
        np.zeros(1, np.float32),
        np.zeros((0, 1 + len(ROLES)), np.float32),
        placed=placed,
    )
    assert heads.meant(Said(text, states, [mention]), chances)[0].role == role


@pytest.mark.parametrize(
    ("text", "placed", "too", "role"),
    [
        pytest.param("might be too dark", True, 0.42, "too", id="of-what-was-suggested"),
        pytest.param("might be too dark", True, 0.2, "avoid", id="hardly-likely"),
        pytest.param("might be too dark", False, 0.42, "avoid", id="told-of-ones-taste"),
        pytest.param("nothing too dark", True, 0.42, "avoid", id="the-rules-read-a-wish"),
    ],
)
def test_what_is_too_much_of_a_suggestion_is_no_wish_against_it(
    text: str, placed: bool, too: float, role: str
) -> None:
    catalog = load_catalog("music")
    mentions = MentionFinder(catalog, Scanner(catalog, get_language())).find(text)
    roles = np.zeros((1, len(ROLES)), np.float32)
    roles[0, [ROLES.index("avoid"), ROLES.index("too")]] = (0.55, too)
    said = Said(
        text,
        TokenStates(np.zeros((0, 384), np.float32), np.zeros((0, 2), np.int64)),
        mentions,
        Parser(catalog).parse(text),
    )
    chances = Chances(
        np.zeros(len(ACTS), np.float32),
        roles,
        np.array([[1.0, 0.0, 0.0]], np.float32),
        np.zeros(1, np.float32),
        np.zeros((0, 1 + len(ROLES)), np.float32),
        placed=placed,
    )
    assert [one.role for one in shipped_heads().meant(said, chances)] == [role]
