"""The HTTP interface of the service."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException

from agents.serving.errors import ServiceError
from agents.serving.http import models
from agents.serving.http.guard import LOCAL, Guard
from agents.serving.http.health import Health
from agents.serving.http.model_process import ModelProcess
from agents.serving.http.work import Work
from agents.serving.replay import clicked_items, standing_wishes
from agents.serving.replies import openers
from agents.serving.sessions import Sessions
from agents.serving.store import Event, SessionRow

ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)
"""Writes answers down as JSON."""

STATIC = Path(__file__).parent / "static"

_log = logging.getLogger(__name__)

MEANINGS = {
    400: "The body is not JSON, or the host name is not the service's.",
    401: "The service needs a token, and the request has none or another one.",
    403: "The request comes from another site's page.",
    404: "There is no such session, or not any more.",
    408: "The body did not arrive in time.",
    409: "The request does not fit the session as it is; the message says what would.",
    413: "The body is too large.",
    422: "A field is missing, unknown, of another type or out of range; or a key came before with another request.",
    429: "Too many requests of this session wait for an answer, or too many wrong tokens came from this address.",
    503: "The store could not write (nothing was kept), or there is too much work; Retry-After says when to ask again.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an endpoint, for its description."""
    return {
        status: {"model": models.ErrorOut, "description": MEANINGS[status]} for status in sorted(statuses)
    }


ALWAYS = (400, 401, 403, 408, 413, 429)
READS = documented(*ALWAYS, 404, 422, 503)
WRITES = documented(*ALWAYS, 404, 409, 422, 503)


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="Made anew for each request; sent again with it, a request happens once and gets its first answer.",
    ),
]
OpenKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=16, max_length=128, description="As elsewhere; hard to guess."
    ),
]


def create_app(
    sessions: Sessions,
    *,
    hosts: frozenset[str] | None = LOCAL,
    pages: frozenset[str] = frozenset(),
    token: str | None = None,
    work: Work | None = None,
    model: ModelProcess | None = None,
) -> FastAPI:
    """The application.

    Args:
        sessions: What it serves.
        hosts: Host names it answers to, None for any.
        pages: Further names that pages which use it may come from.
        token: What requests must carry, None for nothing.
        work: Where requests are worked on.
        model: The process of the language model; None: it runs in this one.
    """
    work, health = work or Work(), Health(sessions.store)
    app = FastAPI(
        lifespan=health.watched,
        title="Chat-Rec",
        summary="A trained policy that recommends in conversation.",
        version="1",
        docs_url=None,  # both pages would load scripts from other hosts
        redoc_url=None,
    )
    catalog = sessions.task.manager.catalog

    async def answered(session: str, call: Callable[[], Any], status: int = 200) -> Response:
        """The result of a call as JSON; also writing it down is left to the threads that work."""
        return await work.run(
            session, lambda: Response(ANYTHING.dump_json(call()), status, media_type="application/json")
        )

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
    async def open_session(setting: models.OpenIn | None = None, key: OpenKey = None) -> Response:
        """Open a session. The person speaks first; the greeting is not part of the policy's state."""
        person = setting or models.OpenIn()
        rated = [(one.item, one.stars) for one in person.rating_history]
        return await answered(
            "", lambda: about(sessions.open(person.time, person.device, rated, key=key)), status=201
        )

    @app.post("/sessions/{session}/messages", response_model=models.ReplyOut, responses=WRITES)
    async def say(session: str, message: models.MessageIn, key: Key = None) -> Response:
        """Say something and hear the answer. Both are on disk before it is sent."""
        return await answered(session, lambda: sessions.message(session, **message.model_dump(), key=key))

    @app.post("/sessions/{session}/clicks", response_model=models.ClickOut, responses=WRITES)
    async def click(session: str, click: models.ClickIn, key: Key = None) -> Response:
        """Click an item that was suggested in this session. The policy learns of it with the next message."""
        return await answered(
            session, lambda: {"item": click.item, "answers": sessions.click(session, click.item, key=key)}
        )

    @app.post("/sessions/{session}/ratings", response_model=models.RatingOut, responses=WRITES)
    async def rate(session: str, rating: models.RatingIn, key: Key = None) -> Response:
        """Rate an item that was clicked, now or later. The last rating counts."""

        def call() -> dict[str, Any]:
            sessions.rate(session, rating.item, rating.stars, key=key)
            return rating.model_dump()

        return await answered(session, call)

    @app.post("/sessions/{session}/wishes", response_model=models.WishesOut, responses=WRITES)
    async def correct(session: str, wish: models.WishIn, key: Key = None) -> Response:
        """Say of a wish that was understood that it is wanted, to be avoided, or neither."""
        return await answered(
            session, lambda: {"wishes": sessions.correct(session, wish.wish, wish.stance, key=key)}
        )

    @app.get("/sessions/{session}", response_model=models.TranscriptOut, responses=READS)
    async def transcript(session: str) -> Response:
        """Everything that happened in a session."""

        def call() -> dict[str, Any]:
            row, events = sessions.transcript(session)
            shown = [{"kind": e.kind, "at": e.at, "body": public(e)} for e in events]
            ended = next((e.body["ended"] for e in reversed(events) if e.kind == "reply"), False)
            told = {"events": shown, "taken": clicked_items(events), "ended": ended}
            return {**about(row), **told, "wishes": standing_wishes(events)}

        return await answered(session, call)

    @app.delete("/sessions/{session}", status_code=204, response_class=Response, responses=READS)
    async def forget(session: str) -> Response:
        """Delete a session, and all that was said in it."""
        await work.run(session, lambda: sessions.forget(session))
        return Response(status_code=204)

    @app.get("/healthz", response_model=models.HealthOut, responses=documented(400, 503))
    async def healthz() -> models.HealthOut:
        """Whether the service works. It does not wait for other requests."""
        await health.check()
        return models.HealthOut(
            policy=sessions.export.name,
            kind=sessions.export.kind,
            fingerprint=sessions.export.fingerprint,
            catalog=catalog.name,
            items=catalog.n_items,
            encoder=sessions.task.manager.table.encoder.name,
            times=[time.name for time in catalog.times],
            devices=[device.name for device in catalog.devices],
            model="service" if model is None else model.state,
        )

    @app.get("/metrics", response_class=PlainTextResponse, responses=documented(*ALWAYS))
    async def metrics() -> PlainTextResponse:
        """Counts since the service started, in Prometheus' text format."""
        return PlainTextResponse(
            sessions.metrics.text(len(sessions.cache)), media_type="text/plain; version=0.0.4"
        )

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    app.mount("/static", StaticFiles(directory=STATIC))
    _answer_errors(app, sessions)
    app.add_middleware(Guard, hosts=hosts, pages=pages, token=token, refused=sessions.metrics.error)
    return app


def public(event: Event) -> dict[str, Any]:
    """The body of an event without what only replaying needs."""
    hidden = ("move", "decision", "sentences", "typed", "key")
    return {name: value for name, value in event.body.items() if name not in hidden}


def _answer_errors(app: FastAPI, sessions: Sessions) -> None:
    """One shape for every error, and a count of each."""

    def answer(
        status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        sessions.metrics.error(status)
        return JSONResponse({"error": {"code": code, "message": message}}, status, headers)

    async def known(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ServiceError)
        again = {"Retry-After": "1"} if error.status in (429, 503) else None
        return answer(error.status, error.code, str(error), again)

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
