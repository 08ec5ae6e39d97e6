"""What the routes of ingest sources take and answer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasPath, BeforeValidator, Field

from plantwright.rest.shapes import FROM_NAME, LARGEST_INT, Body, Integer, PageParameters, Payload
from plantwright.sources.models import (
    ByteOrder,
    ModbusDataType,
    ModbusTable,
    OpcUaMode,
    OpcUaSecurityMode,
    OpcUaSecurityPolicy,
    SourceProtocol,
    SourceState,
)
from plantwright.sources.report import Outcome, StepName


class AuthType(StrEnum):
    ANONYMOUS = "anonymous"
    USERNAME = "username"
    CERTIFICATE = "certificate"


def _by_name(kind: type[StrEnum]) -> BeforeValidator:
    """For members whose values are not their names in small letters."""

    def member(value: Any) -> Any:
        return kind[value] if isinstance(value, str) and value in kind.__members__ else value

    return BeforeValidator(member)


class SourceParameters(PageParameters):
    machine_id: UUID | None = None
    protocol: list[SourceProtocol] = Field(default=[], description="May be repeated.")


class OpcUaSettingsBody(Payload):
    endpoint_url: str
    security_mode: OpcUaSecurityMode = OpcUaSecurityMode.SIGN_AND_ENCRYPT
    security_policy: OpcUaSecurityPolicy = OpcUaSecurityPolicy.BASIC256_SHA256
    username: str | None = None
    password: str | None = Field(default=None, description="Left out in a change, the stored one stays.")
    user_certificate: str | None = Field(
        default=None, description="PEM, or DER as base64. Left out in a change, the stored one stays with its key."
    )
    user_private_key: str | None = Field(default=None, description="RSA, not locked with a password; PEM or DER.")
    server_fingerprint: str | None = Field(default=None, description="SHA-256 of the server's certificate.")
    mode: OpcUaMode = OpcUaMode.POLL
    timeout_seconds: float = 4.0


class ModbusSettingsBody(Payload):
    host: str
    port: Integer = 502
    unit_id: Integer = 1
    timeout_seconds: float = 3.0
    max_requests_per_second: float | None = None
    request_pause_seconds: float = 0.0
    max_registers: Integer = 125
    max_gap: Integer = 0


class TagMappingBody(Payload):
    tag: str
    metric_name: str
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    is_enabled: bool = True
    data_type: ModbusDataType | None = None
    word_order: ByteOrder | None = None
    byte_order: ByteOrder | None = None


class OpcUaSourceCreate(OpcUaSettingsBody):
    """`node_ids` are read as metrics of their own names; `mappings` say more."""

    machine_id: UUID
    name: str | None = None
    auth_type: AuthType | None = Field(default=None, description="Follows from what else is given.")
    poll_interval_seconds: float = 5.0
    node_ids: list[str] = Field(default=[])
    mappings: list[TagMappingBody] = Field(default=[])
    enabled: bool = True


class ModbusSourceCreate(ModbusSettingsBody):
    machine_id: UUID
    name: str | None = None
    poll_interval_seconds: float = 5.0
    mappings: list[TagMappingBody] = Field(default=[])
    enabled: bool = True


class SourceUpdate(Payload):
    """Fields left out stay."""

    expected_version: int = Field(ge=1, le=LARGEST_INT)
    name: str | None = None
    poll_interval_seconds: float | None = None
    opc_ua: OpcUaSettingsBody | None = None
    modbus_tcp: ModbusSettingsBody | None = None


class TagMappingsOfMachine(Payload):
    """Of the machine's only source; mappings of other tags stay."""

    machine_id: UUID
    mappings: list[TagMappingBody]


class TagMappings(Payload):
    """All of them: what is not named is no longer read."""

    mappings: list[TagMappingBody]


class SourceTestRequest(Payload):
    """Settings that are not saved yet, in place of the stored ones."""

    opc_ua: OpcUaSettingsBody | None = None
    modbus_tcp: ModbusSettingsBody | None = None
    tags: list[TagMappingBody] | None = None


class BrowseRequest(Payload):
    node_id: str | None = Field(default=None, description="Whose children; the Objects folder unless given.")


class ProbeRequest(Payload):
    table: ModbusTable = ModbusTable.HOLDING
    address: int = Field(default=0, ge=0, le=LARGEST_INT)
    count: int = Field(default=10, ge=1, le=LARGEST_INT)
    unit_id: Integer | None = None


class OpcUaAnswer(Body):
    endpoint_url: str
    security_mode: Annotated[OpcUaSecurityMode, _by_name(OpcUaSecurityMode)]
    security_policy: Annotated[OpcUaSecurityPolicy, _by_name(OpcUaSecurityPolicy)]
    username: str | None
    has_password: bool
    user_certificate_fingerprint: str | None
    server_fingerprint: str | None
    mode: Annotated[OpcUaMode, FROM_NAME]
    timeout_seconds: float


class ModbusAnswer(Body):
    host: str
    port: int
    unit_id: int
    timeout_seconds: float
    max_requests_per_second: float | None
    request_pause_seconds: float
    max_registers: int
    max_gap: int


class TagMappingAnswer(Body):
    tag: str
    metric_name: str
    unit: str
    scale: float
    offset: float
    is_enabled: bool
    data_type: Annotated[ModbusDataType | None, FROM_NAME]
    word_order: Annotated[ByteOrder | None, FROM_NAME]
    byte_order: Annotated[ByteOrder | None, FROM_NAME]
    last_value: float | None
    last_quality: int | None
    last_value_at: datetime | None


class StatusAnswer(Body):
    state: Annotated[SourceState, FROM_NAME]
    since: datetime
    last_error: str | None
    last_error_at: datetime | None
    last_reading_at: datetime | None
    readings: int
    gaps: int
    restarts: int


class SourceGapAnswer(Body):
    tag: str | None
    reason: str
    started_at: datetime
    ended_at: datetime
    count: int


class IngestSource(Body):
    id: UUID
    name: str
    machine_id: UUID = Field(validation_alias=AliasPath("machine", "id"))
    protocol: Annotated[SourceProtocol, FROM_NAME]
    address: str
    poll_interval_seconds: float
    opc_ua: OpcUaAnswer | None
    modbus_tcp: ModbusAnswer | None
    is_paused: bool
    status: StatusAnswer
    version: int
    created_at: datetime
    updated_at: datetime


class IngestSourceWithTags(IngestSource):
    tags: list[TagMappingAnswer]
    gaps: list[SourceGapAnswer]


class Certificate(Body):
    fingerprint: str
    subject: str
    application_uri: str | None
    not_before: datetime
    not_after: datetime
    pem: str


class SourceSetup(Body):
    is_open: bool
    message: str | None
    max_sources: int
    max_tags: int
    client_certificate: Certificate | None


class TestStep(Body):
    name: Annotated[StepName, FROM_NAME]
    outcome: Annotated[Outcome, FROM_NAME]
    message: str


class TestedTagAnswer(Body):
    tag: str
    metric_name: str
    unit: str
    value: float | None
    quality: int | None
    time: datetime | None
    problem: str | None


class OfferAnswer(Body):
    security_mode: str
    security_policy: str
    user_tokens: list[str]


class SourceTest(Body):
    is_successful: bool
    steps: list[TestStep]
    tags: list[TestedTagAnswer]
    offers: list[OfferAnswer]
    server_certificate: Certificate | None
    is_server_confirmed: bool
    client_certificate: Certificate | None


class NodeAnswer(Body):
    node_id: str
    stable_node_id: str
    path: str
    name: str
    node_class: str
    data_type: str | None
    value: str | None
    unit: str | None
    is_readable: bool
    why_not: str | None


class BrowseAnswer(Body):
    nodes: list[NodeAnswer]


class RegisterAnswer(Body):
    address: int
    value: int | None
    problem: str | None


class ProbeAnswer(Body):
    registers: list[RegisterAnswer]
