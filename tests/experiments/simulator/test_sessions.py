from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

OPTIONS = ("greedy", "--encoder", "hash", "--people", 3, "--max-turns", 4)


def test_sessions_as_simeval_has_them(chatrec: Any) -> None:
    assert chatrec("sessions", *OPTIONS).code == 0
    found = [json.loads(line) for line in Path("runs/sessions.jsonl").read_text().splitlines()]
    assert [(s["schema_version"], s["session_type"], s["domain"]) for s in found] == [
        ("v1", "conversational", "movies")
    ] * 3
    for session in found:
        events = session["events"]
        assert len({e["event_id"] for e in events}) == len(events)
        assert [e["turn_id"] for e in events] == sorted(e["turn_id"] for e in events)
        shown = [e["ranked_items"][0]["doc_id"] for e in events if e["type"] == "recommendation"]
        assert shown
        clicked = [e["clicked_items"][0]["doc_id"] for e in events if e["type"] == "click"]
        rated = [e["meta"] for e in events if e["type"] == "rating"]
        assert set(clicked) <= set(shown)
        assert [r["doc_id"] for r in rated] == clicked
        assert all(1 <= r["stars"] <= 5 for r in rated)


def test_dialogues_as_dialoguekit_reads_them(chatrec: Any) -> None:
    assert chatrec("sessions", *OPTIONS, "--format", "dialoguekit", "--out", "d.json").code == 0
    found = json.loads(Path("d.json").read_text())
    assert len(found) == 3
    for turn in (turn for dialogue in found for turn in dialogue["conversation"]):
        assert turn["participant"] in ("USER", "AGENT")
        for act in turn["dialogue_acts"]:
            for _, value, start, end in act["slot_values"]:
                assert turn["utterance"][start:end] == value


def test_a_file_that_is_there_is_not_replaced(chatrec: Any) -> None:
    Path("notes.txt").write_text("mine")
    for command in (("sessions", *OPTIONS), ("play", "greedy", "--encoder", "hash")):
        done = chatrec(*command, "--out", "notes.txt")
        assert (done.code, "notes.txt exists already. Expected a new file" in done.err) == (2, True)
    assert Path("notes.txt").read_text() == "mine"


def test_another_format_is_refused(refused: Any) -> None:
    refused("Did you mean 'simeval'", "sessions", *OPTIONS, "--format", "simevall")


@pytest.mark.parametrize("name", ["simeval", "dialoguekit"])
def test_nothing_latent_is_written(chatrec: Any, name: str) -> None:
    chatrec("sessions", *OPTIONS, "--format", name, "--out", "out.json")
    text = Path("out.json").read_text()
    assert not any(word in text for word in ("satiation", "satisfaction", "threshold", 'patience":'))
