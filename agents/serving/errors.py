"""What can go wrong in a session, each with the status and the code the service answers with."""

from __future__ import annotations

from typing import ClassVar

from chatrec_env.errors import ChatRecError


class ServiceError(ChatRecError):
    """A request that cannot be met as things are. The message says what to do instead."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"


class NoSuchSessionError(ServiceError):
    """There is no session of that name."""

    status = 404
    code = "no_such_session"


class UnknownSettingError(ServiceError):
    """The catalogue declares no such time of day or device."""

    status = 422
    code = "unknown_setting"


class UnusablePastError(ServiceError):
    """A rating from before the session is of an item the catalogue does not have, or of one rated twice."""

    status = 422
    code = "unusable_past"


class UnusableInputError(ServiceError):
    """A message or a rating is not of the form the session reads; the web API refuses these before they get here."""

    status = 422
    code = "unusable_input"


class NotSuggestedError(ServiceError):
    """The item was not suggested in this session."""

    code = "not_suggested"


class NotClickedError(ServiceError):
    """The item was not clicked, so it cannot be rated."""

    code = "not_taken"


class AlreadyRatedError(ServiceError):
    """The item was rated before, and that rating has been learned from."""

    code = "already_rated"


class ConversationFullError(ServiceError):
    """The conversation has as many turns as the service keeps."""

    code = "conversation_full"


class CannotContinueError(ServiceError):
    """The session was held with another catalogue, or another version: it can be read, but not continued."""

    code = "cannot_continue"


class OutOfStepError(ServiceError):
    """The message answers another turn than the session's last one."""

    code = "out_of_step"


class WriteConflictError(ServiceError):
    """Another process wrote to the same session in between."""

    code = "write_conflict"


class StoreUnavailableError(ServiceError):
    """The store could not write or read."""

    status = 503
    code = "store_unavailable"
