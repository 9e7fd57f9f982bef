"""The HTTP interface of the service."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from agents.serving.errors import ServiceError
from agents.serving.http import models
from agents.serving.http.guard import Guard
from agents.serving.replay import clicked_items, standing_wishes
from agents.serving.replies import openers
from agents.serving.sessions import Sessions, kept
from agents.serving.store import Event, SessionRow

STATIC = Path(__file__).parent / "static"
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})

_log = logging.getLogger(__name__)

MEANINGS = {
    400: "The body is not JSON, or the host name is not the service's.",
    401: "The service needs a token, and the request has none or another one.",
    403: "The request comes from another site's page.",
    404: "There is no such session.",
    409: "The request does not fit the session as it is; the message says what would.",
    413: "The body is too large.",
    422: "A field is missing, unknown, of another type or out of range.",
    503: "The store could not write; nothing was kept.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an endpoint, for its description."""
    return {
        status: {"model": models.ErrorOut, "description": MEANINGS[status]} for status in sorted(statuses)
    }


ALWAYS = (400, 401, 403, 413)
READS = documented(*ALWAYS, 404, 422, 503)
WRITES = documented(*ALWAYS, 404, 409, 422, 503)


def create_app(
    sessions: Sessions, *, hosts: frozenset[str] | None = LOCAL_HOSTS, token: str | None = None
) -> FastAPI:
    """The application.

    Args:
        sessions: What it serves.
        hosts: Host names it answers to, None for any.
        token: What requests must carry, None for nothing.
    """
    app = FastAPI(
        title="Chat-Rec",
        summary="A trained policy that recommends in conversation.",
        version="1",
        docs_url=None,  # both pages would load scripts from other hosts
        redoc_url=None,
    )
    catalog = sessions.task.manager.catalog

    def about(row: SessionRow) -> dict[str, Any]:
        return {
            "id": row.id,
            "created_at": row.created_at,
            "greeting": sessions.greeting(row),
            "answers": list(openers(sessions.task.manager)),
            "noun": catalog.noun,
            "noun_plural": catalog.noun_plural,
            "scale": sessions.policy.scale,
            "policy": sessions.export.name,
        }

    @app.post(
        "/sessions",
        status_code=201,
        response_model=models.SessionOut,
        responses=documented(*ALWAYS, 422, 503),
    )
    def open_session(setting: models.OpenIn | None = None) -> dict[str, Any]:
        """Open a session. The person speaks first; the greeting is not part of the policy's state."""
        person = setting or models.OpenIn()
        past = [(rating.item, rating.stars) for rating in person.past]
        return about(sessions.open(person.time, person.device, past))

    @app.post("/sessions/{session}/messages", response_model=models.ReplyOut, responses=WRITES)
    def say(session: str, message: models.MessageIn) -> Any:
        """Say something and hear the answer. Both are on disk before it is sent."""
        return sessions.message(session, text=message.text, sentences=message.sentences, after=message.after)

    @app.post("/sessions/{session}/clicks", response_model=models.ClickOut, responses=WRITES)
    def click(session: str, click: models.ClickIn) -> dict[str, Any]:
        """Click an item that was suggested in this session. The policy learns of it with the next message."""
        return {"item": click.item, "answers": list(sessions.click(session, click.item))}

    @app.post("/sessions/{session}/ratings", response_model=models.RatingOut, responses=WRITES)
    def rate(session: str, rating: models.RatingIn) -> dict[str, Any]:
        """Rate an item that was clicked, now or later. Until the next message a rating may be changed."""
        sessions.rate(session, rating.item, rating.stars)
        return {"item": rating.item, "stars": rating.stars}

    @app.post("/sessions/{session}/wishes", response_model=models.WishesOut, responses=WRITES)
    def correct(session: str, wish: models.WishIn) -> dict[str, Any]:
        """Say of a wish that was understood that it is wanted, to be avoided, or neither."""
        return {"wishes": sessions.correct(session, wish.wish, wish.stance)}

    @app.get("/sessions/{session}", response_model=models.TranscriptOut, responses=READS)
    def transcript(session: str) -> dict[str, Any]:
        """Everything that happened in a session."""
        row, events = sessions.transcript(session)
        shown = [{"kind": e.kind, "at": e.at, "body": public(e)} for e in events]
        ended = next((e.body["ended"] for e in reversed(events) if e.kind == "reply"), False)
        told = {"events": shown, "taken": clicked_items(events), "ended": ended}
        return {**about(row), **told, "wishes": standing_wishes(events)}

    @app.get("/healthz", response_model=models.HealthOut, responses=documented(400, 503))
    def health() -> models.HealthOut:
        """Whether the service works: answers only if the store can be read."""
        with kept():
            sessions.store.ping()
        return models.HealthOut(
            policy=sessions.export.name,
            kind=sessions.export.kind,
            fingerprint=sessions.export.fingerprint,
            catalog=catalog.name,
            items=catalog.n_items,
            encoder=sessions.task.manager.table.encoder.name,
            times=[time.name for time in catalog.times],
            devices=[device.name for device in catalog.devices],
        )

    @app.get("/metrics", response_class=PlainTextResponse, responses=documented(*ALWAYS))
    def metrics() -> PlainTextResponse:
        """Counts since the service started, in Prometheus' text format."""
        return PlainTextResponse(
            sessions.metrics.text(len(sessions.cache)), media_type="text/plain; version=0.0.4"
        )

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    app.mount("/static", StaticFiles(directory=STATIC))
    _answer_errors(app, sessions)
    app.add_middleware(Guard, hosts=hosts, token=token, refused=sessions.metrics.error)
    return app


def public(event: Event) -> dict[str, Any]:
    """The body of an event without what only replaying needs."""
    return {name: value for name, value in event.body.items() if name not in ("move", "sentences", "typed")}


def _answer_errors(app: FastAPI, sessions: Sessions) -> None:
    """One shape for every error, and a count of each."""

    def answer(
        status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        sessions.metrics.error(status)
        return JSONResponse({"error": {"code": code, "message": message}}, status, headers)

    async def known(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ServiceError)
        return answer(error.status, error.code, str(error))

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = error.errors()
        if any(e["type"] == "json_invalid" for e in found):
            return answer(400, "not_json", "The body is not JSON.")
        if any(e["loc"] == ("body",) for e in found) and "json" not in request.headers.get(
            "content-type", ""
        ):
            return answer(
                422, "invalid", "Send the body as JSON, with the header Content-Type: application/json."
            )
        # What was sent is not repeated: it may be anything.
        problems = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in found[:5])
        return answer(422, "invalid", problems[:500])

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 400:  # not UTF-8, or nested too deeply: nothing else here answers so
            return answer(400, "not_json", "The body is not JSON.")
        return answer(error.status_code, "http", str(error.detail), error.headers)

    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        _log.error("A request failed.", exc_info=error)
        return answer(500, "internal", "Something went wrong here; it was logged. Nothing was kept.")

    handlers: dict[Any, Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
        ServiceError: known,
        RequestValidationError: invalid,
        HTTPException: http,
        Exception: unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
