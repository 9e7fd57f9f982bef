"""The phrases that mean something in English."""

from __future__ import annotations

from collections import Counter

from chatrec_env.language.english.reading.cue_frames import FRAMES
from chatrec_env.language.english.reading.cue_replies import REPLIES
from chatrec_env.language.english.reading.tokens import TOKENIZER
from chatrec_env.language.reader.chunks import Cue
from chatrec_env.language.reader.lexicon import phrases

SLOTS = {
    "verb": "watch",
    "verbing": "watching",
    "seen": "watched|seen",
    "noun": "film|movie",
    "nouns": "films|movies",
}


def test_every_cue_has_phrases_and_no_phrase_has_two_cues() -> None:
    table = FRAMES | REPLIES
    assert set(table) == set(Cue)
    counts = Counter(phrase for patterns in table.values() for phrase in phrases(patterns, SLOTS))
    assert [" ".join(phrase) for phrase, count in counts.items() if count > 1] == []


def test_phrases_are_written_as_tokens() -> None:
    for patterns in (FRAMES | REPLIES).values():
        for phrase in phrases(patterns, SLOTS):
            text = " ".join(phrase)
            assert TOKENIZER.tokenize(text).words == list(phrase)
