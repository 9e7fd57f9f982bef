"""Fitting the reader: examples from the corpus, and the same weights from the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.language.encoders import HashingEncoder, TokenStates, Vectors
from chatrec_env.language.learned.heads import Heads, Said, Thresholds
from chatrec_env.language.learned.heard import Shape
from chatrec_env.language.learned.mentions import MentionKind
from chatrec_env.language.learned.scheme import ACTS, ROLES
from chatrec_env.language.parser import Parser
from experiments.language.corpus import parse_message
from experiments.language.fit_reader import finder_of, write
from experiments.language.reader_examples import UNKNOWN, Example, make_example, make_pools, vary
from experiments.language.reader_network import Network
from experiments.language.reader_scores import Judged, choose, figures, judge
from experiments.language.reader_training import (
    Fit,
    Rules,
    encode,
    encode_variants,
    losses,
    start_from,
    train,
)

LINES = [
    ("ACCEPT", "I'll take it"),
    ("ACCEPT", "ok, I'll watch that"),
    ("REJECT", "no, not that"),
    ("REJECT", "rather not this"),
    ("-", "I want [horror|want]"),
    ("-", "no [comedy|avoid!] for me"),
    ("ASK_FACT", "[how long|asked] is it?"),
]
FIT = Fit(
    shape=Shape(width=32, wide=32, layers=1, heads=2),
    variants=1,
    laps=((60, 0.0),),
    batch=4,
    rate=1e-2,
    dropout=0.0,
)
RULES = Rules(finder_of)


class Letters:
    """Token states from words hashed: an encoder of states without a model."""

    name, dim, fingerprint, weights = "letters", 32, "letters", "letters"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self.encode_with_states(texts)[0]

    def encode_with_states(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenStates]]:
        encoder, out = HashingEncoder(32), []
        for text in texts:
            words, spans, at = text.split(" "), list[tuple[int, int]](), 0
            for word in words:
                spans.append((at, at + len(word)))
                at += len(word) + 1
            out.append(TokenStates(encoder.encode(words), np.array(spans)))
        return np.zeros((len(texts), 32), np.float32), out


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    messages = [parse_message("films", "any", f"f{i}", acts, text) for i, (acts, text) in enumerate(LINES)]
    return [make_example(message, finder_of("movies"), 0) for message in messages]


def test_mentions_are_found_and_take_what_was_marked() -> None:
    message = parse_message(
        "films", "any", "f", "-", "no [horror|avoid!], my [comedy|want@other], [blorp|except]; drama"
    )
    slots = make_example(message, finder_of("movies"), 0).slots
    assert [(ROLES[slot.role], slot.strength, slot.other) for slot in slots] == [
        ("avoid", 1, 0),
        ("want", 0, 1),
        ("except", 0, 0),
        ("named", 0, 0),
    ]
    assert [slot.kind for slot in slots] == [
        *(MentionKind.VALUE, MentionKind.VALUE, MentionKind.OTHER, MentionKind.VALUE)
    ]


def test_what_is_left_of_a_marked_stretch_beside_a_mention_is_not_taught_to_be_none() -> None:
    message = parse_message(
        "films", "any", "f", "-", "a [robot learns to paint|want], [old houses|avoid], [quiet bells|want]"
    )
    slots = make_example(message, finder_of("movies"), 0).slots
    assert [(message.text[slot.start : slot.end], slot.kind, slot.role) for slot in slots] == [
        ("robot", MentionKind.VALUE, ROLES.index("want")),
        ("learns to paint", MentionKind.OTHER, ROLES.index("want")),  # says something by itself
        ("old", MentionKind.DEGREE, ROLES.index("avoid")),
        ("houses", MentionKind.OTHER, UNKNOWN),
        ("quiet bells", MentionKind.OTHER, ROLES.index("want")),
    ]


def test_messages_without_labelled_words_take_nothing_from_the_loss_on_words(examples: list[Example]) -> None:
    silent = replace(examples[0], acts=(UNKNOWN,) * len(ACTS), slots=(), family="ccpe")
    net = Network(FIT.shape)

    def of_words(part: list[Example]) -> float:
        told = encode(part, Letters(), RULES)
        with_words, without = (
            float(losses(net, told, [0] * len(part), replace(FIT, word_weight=weight)).detach())
            for weight in (1.0, 0.0)
        )
        return with_words - without

    alone = of_words([examples[4]])
    assert alone > 0
    assert of_words([examples[4], silent]) == pytest.approx(alone, rel=1e-3)


def test_a_variant_keeps_its_labels_and_its_mentions_in_place(examples: list[Example]) -> None:
    pools, rng = make_pools(examples), np.random.default_rng(0)
    for example in examples:
        for _ in range(20):
            varied = vary(example, pools, rng)
            assert varied.acts == example.acts
            assert [slot.role for slot in varied.slots] == [slot.role for slot in example.slots]
            surfaces = {surface.lower() for pool in pools.values() for surface, _ in pool}
            for slot in varied.slots:
                assert varied.text[slot.start : slot.end].lower() in surfaces


def test_the_same_seed_fits_the_same_heads_and_they_learn(examples: list[Example], tmp_path: Path) -> None:
    variants = encode_variants(examples, make_pools(examples), [Letters()], RULES, FIT, 0, lambda _: None)
    first, second = (train(variants, FIT, 3, None, None).arrays() for _ in range(2))
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
    network, plain = Network.of(first, FIT.shape), encode(examples, Letters(), RULES)
    judged = judge(network, plain)
    thresholds = choose(judged, plain)
    found = figures(judged, plain, thresholds)
    assert found["acts"]["ACCEPT"]["recall"] == 1.0
    assert found["polarity"] == 1.0
    path = tmp_path / "heads.safetensors"
    write(path, first, FIT, thresholds, {"encoder": "letters"})
    heads = Heads.load(path)
    assert heads.encoder == "letters"
    (_, states), example = Letters().encode_with_states([examples[0].text]), examples[0]
    read = Parser(finder_of("movies").catalog).parse(examples[0].text)
    (chances,) = heads.chances([Said(examples[0].text, states[0], [], read)], [0])
    np.testing.assert_allclose(chances.acts, judged.acts[0], atol=1e-5)
    assert heads.acts(chances) == [ACTS[i] for i in np.flatnonzero(example.acts)]


def test_the_weights_are_the_mean_of_the_last_laps_ends(examples: list[Example]) -> None:
    plain = [encode(examples, Letters(), RULES)]

    def fitted(laps: int, averaged: int) -> dict[str, Any]:
        fit = Fit(shape=FIT.shape, laps=((10, 0.0),) * laps, averaged=averaged, batch=4, rate=1e-2)
        return train(plain, fit, 0, None, None).arrays()

    first, second, mean = fitted(1, 1), fitted(2, 1), fitted(2, 2)
    for name, array in mean.items():
        np.testing.assert_allclose(array, (first[name] + second[name]) / 2, atol=1e-3)
    assert np.abs(first["acts.weight"] - second["acts.weight"]).max() > 0.01


def test_of_thresholds_as_good_as_each_other_the_one_nearest_to_even_chances_is_chosen(
    examples: list[Example],
) -> None:
    part = encode([examples[2], examples[4]] * 5, Letters(), RULES)  # REJECT, and not
    chances = np.full((10, len(ACTS)), 0.05)
    chances[::2, ACTS.index("REJECT")] = 0.95
    thresholds = choose(Judged(chances, [], []), part)
    assert thresholds.acts[ACTS.index("REJECT")] == 0.5


def test_half_a_word_of_the_rules_is_taken_where_it_tells_best(examples: list[Example]) -> None:
    """The rules read no praise in either: 0.63 less half a logit is more than even, 0.60 is not."""
    liked = ACTS.index("LIKED_IT")
    praise = replace(examples[4], acts=tuple(int(i == liked) for i in range(len(ACTS))), family="ccpe")
    other = replace(examples[6], acts=(0,) * len(ACTS), family="ccpe")
    chances = np.full((2, len(ACTS)), 0.05)
    chances[:, liked] = (0.63, 0.60)
    found = choose(Judged(chances, [], []), encode([praise, other], Letters(), RULES))
    assert (found.rules, found.unplaced) == (0.5, 0.5)


def test_a_wish_told_in_real_dialogues_is_believed_from_the_chance_that_chooses_best(
    examples: list[Example],
) -> None:
    def of(**chances: float) -> np.ndarray[Any, Any]:
        out = np.full(len(ROLES), 1e-3)
        for role, chance in chances.items():
            out[ROLES.index(role)] = chance
        return out

    want, named = ROLES.index("want"), ROLES.index("named")
    surely, hardly = of(want=0.9, named=0.05), of(want=0.58, named=0.4)
    part, acts = encode(examples[:1], Letters(), RULES), np.zeros((1, len(ACTS)))
    told = [(want, surely)] * 4 + [(named, hardly)] * 4
    assert choose(Judged(acts, told, [True] * 8), part).wished == 0.6
    assert choose(Judged(acts, told, [False] * 8), part).wished == 0.5  # said by others: nothing to go by


def test_below_its_threshold_an_act_is_not_believed(examples: list[Example], tmp_path: Path) -> None:
    shape = FIT.shape
    arrays = train(
        [encode(examples, Letters(), RULES)], Fit(shape=shape, laps=((1, 0.0),), batch=4), 0, None, None
    ).arrays()
    never = Thresholds(acts=(1.01,) * len(ACTS), role=1.01, words=1.01, unplaced=1.01)
    write(tmp_path / "h.safetensors", arrays, Fit(shape=shape), never, {"encoder": "letters"})
    heads = Heads.load(tmp_path / "h.safetensors")
    mentions = finder_of("movies").find("I want horror")
    (_, states) = Letters().encode_with_states(["I want horror"])
    said = Said("I want horror", states[0], mentions)
    (chances,) = heads.chances([said], [0])
    assert heads.acts(chances) == []
    assert [one.role for one in heads.meant(said, chances)] == ["named"]


def test_the_layers_start_as_those_of_the_encoder() -> None:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=9, hidden_act="gelu_pytorch_tanh", hidden_size=16, intermediate_size=24,
        num_attention_heads=4, num_hidden_layers=3,
    )  # fmt: skip
    bert = BertModel(config).eval()
    net = Network(Shape(width=16, wide=24, layers=2, heads=4)).eval()
    start_from(net, {name: value.numpy() for name, value in bert.state_dict().items()}, 1)
    with torch.inference_mode():
        states = bert(torch.arange(9)[None], output_hidden_states=True).hidden_states
        h = states[1]
        for layer in net.layers:
            h = layer(h, torch.ones(1, 9, dtype=torch.bool))
    np.testing.assert_allclose(h.numpy(), states[3].numpy(), atol=1e-5)
