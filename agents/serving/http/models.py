"""Requests and responses of the service as strict models: unknown fields and other types are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agents.serving.cards import Card, Heard
from agents.serving.explain import Wish
from agents.serving.message_text import MAX_CHARACTERS
from agents.serving.replies import Said
from chatrec_env.core.user_simulator import USER_SENTENCES

MAX_ITEM = 2**31 - 1

MOST_RATINGS = 1000
"""Ratings that a session may be opened with."""


def whole(value: Any) -> Any:
    """JSON knows one kind of number: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Natural = Annotated[int, Field(ge=0, le=MAX_ITEM)]
Natural = Annotated[_Natural, BeforeValidator(whole, json_schema_input_type=_Natural)]
Stars = Annotated[float, Field(ge=0.5, le=5, multiple_of=0.5)]
Sentence = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


class Strict(BaseModel):
    """A request: nothing is converted, nothing is ignored."""

    model_config = ConfigDict(strict=True, extra="forbid")


class RatedIn(Strict):
    """A rating from before the session."""

    item: Natural
    stars: Stars


class OpenIn(Strict):
    """When, with what and after what the person comes. Time and device are by the names ``GET /healthz`` lists."""

    time: str | None = Field(
        default=None, max_length=100, examples=["evening"], description="Their time of day."
    )
    device: str | None = Field(default=None, max_length=100, examples=["phone"])
    rating_history: list[RatedIn] = Field(
        default_factory=list,
        max_length=MOST_RATINGS,
        validation_alias=AliasChoices("rating_history", "past"),
        description="What they rated before, each item once. It counts as seen: it is not suggested again. Its name "
        "until the last release, past, works for one more.",
    )


class MessageIn(Strict):
    """What the person says: ``text`` as typed, or ``sentences`` told apart already (none: "go on")."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": ["text"],
                    "properties": {"text": {"type": "string"}, "sentences": {"type": "null"}},
                },
                {
                    "required": ["sentences"],
                    "properties": {"sentences": {"type": "array"}, "text": {"type": "null"}},
                },
            ]
        }
    )

    text: str | None = Field(None, max_length=MAX_CHARACTERS, examples=["Something tense, but not too dark."])
    sentences: list[Sentence] | None = Field(None, max_length=USER_SENTENCES)
    after: Natural | None = Field(
        None,
        description="The turn this answers, 0 for the first message: then a message that is sent again because "
        "its answer was lost gets the same answer, and is not taken for another one.",
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.text is None) == (self.sentences is None):
            raise ValueError("send either 'text' or 'sentences'")
        return self


class ClickIn(Strict):
    """The user clicks a suggested item."""

    item: Natural = Field(description="Row of the item, as on its card.")


class RatingIn(Strict):
    """The user rates an item they clicked."""

    item: Natural = Field(description="Row of the item, as on its card.")
    stars: Stars


class WishIn(Strict):
    """A wish that was understood is removed, or turned round."""

    wish: str = Field(
        min_length=1, max_length=MAX_CHARACTERS, description="Its id, as in a reply.", examples=["v3"]
    )
    stance: Literal["wanted", "avoided", "none"]


class WishesOut(BaseModel):
    """The correction was kept."""

    wishes: list[Wish] = Field(description="What the person is believed to want and not to want.")


class SessionOut(BaseModel):
    """A session that was just opened."""

    id: str
    created_at: str
    greeting: str
    answers: list[str]
    noun: str = Field(description="What one item is called.")
    noun_plural: str
    scale: Literal["ranker", "utility"] = Field(description="What the scores of the cards are.")
    policy: str


class ReplyOut(BaseModel):
    """The system's turn."""

    turn: int = Field(description="Number of the system's turn, from 1.")
    act: Literal["ask", "confirm", "recommend", "answer", "close"]
    action: str = Field(description="Name of the policy's action; empty if it was not asked.")
    said: list[Said]
    cards: list[Card] = Field(description="The policy's choice first, then its next best.")
    answers: list[str] = Field(description="Replies to pick from.")
    heard: list[Heard] = Field(
        description="What was understood of the message, with the id of the wish it made."
    )
    not_understood: list[str] = Field(description="Parts of the message that nothing was made of.")
    answer: str = Field(description="The answer to what the person asked; empty if they asked nothing.")
    about: int = Field(description="The item that is talked about now, -1 for none.")
    wishes: list[Wish] = Field(
        description="What the person is believed to want and not to want, each with its id."
    )
    took: int = Field(description="The item that was accepted in words, -1 if none was.")
    ended: bool = Field(description="Whether the conversation is closed; another message takes it up again.")


class ClickOut(BaseModel):
    """The click was kept."""

    item: int
    answers: list[str]


class RatingOut(BaseModel):
    """The rating was kept."""

    item: int
    stars: float


class EventOut(BaseModel):
    """Something that happened in a session."""

    kind: Literal["setting", "past", "message", "reply", "click", "rating", "wish"]
    at: str
    body: dict[str, Any]


class TranscriptOut(SessionOut):
    """A session and everything that happened in it."""

    events: list[EventOut]
    taken: dict[int, float] = Field(description="Items clicked, with their stars, 0 where not rated.")
    ended: bool
    wishes: list[Wish] = Field(
        description="What the person is believed to want and not to want, as things are."
    )


class HealthOut(BaseModel):
    """The service works."""

    status: Literal["ok"] = "ok"
    policy: str
    kind: str
    fingerprint: str = Field(description="SHA-256 of the export's header.")
    catalog: str
    items: int
    encoder: str
    times: list[str] = Field(description="Times of day a session can be opened in.")
    devices: list[str] = Field(description="Devices it can be opened with.")
    model: Literal["process", "loading", "service"] = Field(
        description="Where the language model runs: in a process of its own, in one that still loads it (until then "
        "in the service, slowly), or always in the service."
    )


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str
    message: str


class ErrorOut(BaseModel):
    """An error; the message says what to do."""

    error: ErrorBody
