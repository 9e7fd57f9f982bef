"""What can go wrong in a session, each with the status and the code the service answers with."""

from __future__ import annotations

from typing import ClassVar

from chatrec_env.errors import ChatRecError


class ServiceError(ChatRecError):
    """A request that cannot be met as things are. The message says what to do instead."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __init_subclass__(cls, *, code: str, status: int = 409) -> None:
        cls.code, cls.status = code, status


class NoSuchSessionError(ServiceError, code="no_such_session", status=404):
    """There is no session of that name."""


class UnknownSettingError(ServiceError, code="unknown_setting", status=422):
    """The catalogue declares no such time of day or device."""


class UnusableHistoryError(ServiceError, code="unusable_past", status=422):
    """A rating from before the session is of an item the catalogue does not have, or of one rated twice."""


class UnusableInputError(ServiceError, code="unusable_input", status=422):
    """A message or a rating is not of the form the session reads; the web API refuses these before they get here."""


class NoSuchWishError(ServiceError, code="no_such_wish", status=422):
    """No wish of that id was understood."""


class NotSuggestedError(ServiceError, code="not_suggested"):
    """The item was not suggested in this session."""


class NotClickedError(ServiceError, code="not_taken"):
    """The item was not clicked, so it cannot be rated."""


class AlreadyRatedError(ServiceError, code="already_rated"):
    """The item was rated before, and that rating has been learned from."""


class ConversationFullError(ServiceError, code="conversation_full"):
    """The conversation has as many turns as the service keeps."""


class CannotContinueError(ServiceError, code="cannot_continue"):
    """The session was held with another catalogue, or another version: it can be read, but not continued."""


class OutOfStepError(ServiceError, code="out_of_step"):
    """The message answers another turn than the session's last one."""


class WriteConflictError(ServiceError, code="write_conflict"):
    """Another process wrote to the same session in between."""


class StoreUnavailableError(ServiceError, code="store_unavailable", status=503):
    """The store could not write or read."""


class KeyReusedError(ServiceError, code="key_reused", status=422):
    """An Idempotency-Key came before, with another request."""


class TooManyRequestsError(ServiceError, code="too_many_requests", status=429):
    """Too many requests of one session wait for an answer."""


class BusyError(ServiceError, code="busy", status=503):
    """Too many requests wait for an answer."""


class TooSlowError(ServiceError, code="too_slow", status=503):
    """A request was not answered in time."""
