"""What a look at a device has shown."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from plantwright.sources.certificate import PublicCertificate


class StepName(StrEnum):
    """In this order; a step that failed ends the look."""

    RESOLVED = "resolved"
    REACHED = "reached"
    SECURED = "secured"
    AUTHENTICATED = "authenticated"
    READ = "read"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """`message` says what was found, or what went wrong and what to do."""

    name: StepName
    outcome: Outcome
    message: str


@dataclass(frozen=True, slots=True)
class TriedTag:
    """The first value of a tag, or why there is none. `value` is scaled, in `unit`."""

    tag: str
    metric_name: str
    unit: str
    value: float | None = None
    quality: int | None = None
    time: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One way in that an OPC UA server offers."""

    security_mode: str
    security_policy: str
    user_tokens: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """`is_confirmed`: whether the server's certificate is the one that a person confirmed."""

    steps: list[Step] = field(default_factory=list)
    tags: list[TriedTag] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    server_certificate: PublicCertificate | None = None
    client_certificate: PublicCertificate | None = None
    is_confirmed: bool = False

    @property
    def is_successful(self) -> bool:
        return bool(self.steps) and all(step.outcome is not Outcome.FAILED for step in self.steps)

    def passed(self, name: StepName, message: str) -> None:
        self.steps.append(Step(name, Outcome.PASSED, message))

    def skipped(self, name: StepName, message: str) -> None:
        self.steps.append(Step(name, Outcome.SKIPPED, message))

    def failed(self, name: StepName, message: str) -> None:
        """The steps behind it are skipped."""
        self.steps.append(Step(name, Outcome.FAILED, message))
        names = list(StepName)
        for later in names[names.index(name) + 1 :]:
            self.skipped(later, "not tried")
