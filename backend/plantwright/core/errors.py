"""Errors that people may see.

DomainError
├── ValidationFailed      what was sent breaks a rule
├── PermissionDenied      the role or key scope does not allow it
├── NotFound              no such thing in this tenant
├── Conflict              it exists already, or changed meanwhile
├── Unauthenticated       no, expired or revoked credentials
├── InvalidCredentials    wrong e-mail or password
├── TooManyAttempts       slowed down; says for how long
└── Unavailable           try again shortly
ConfigurationError        the operator has to change a setting
"""

from collections.abc import Sequence
from typing import ClassVar


class PlantwrightError(Exception):
    """Base of all expected faults; the message is written for the person who reads it."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DomainError(PlantwrightError):
    http_status: ClassVar[int] = 400

    def __init__(self, message: str, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


class ValidationFailed(DomainError):
    code = "VALIDATION_FAILED"
    http_status = 422


class PermissionDenied(DomainError):
    code = "PERMISSION_DENIED"
    http_status = 403


class NotFound(DomainError):
    code = "NOT_FOUND"
    http_status = 404


class Conflict(DomainError):
    code = "CONFLICT"
    http_status = 409


class Unauthenticated(DomainError):
    code = "UNAUTHENTICATED"
    http_status = 401


class InvalidCredentials(DomainError):
    code = "INVALID_CREDENTIALS"
    http_status = 401


class TooManyAttempts(DomainError):
    code = "TOO_MANY_ATTEMPTS"
    http_status = 429

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(DomainError):
    code = "UNAVAILABLE"
    http_status = 503

    def __init__(self, message: str, retry_after_seconds: int = 1) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ConfigurationError(PlantwrightError):
    code = "CONFIGURATION"
