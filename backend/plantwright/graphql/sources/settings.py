"""How a device is reached: shown without its password, and taken with it."""

from typing import Self

import strawberry

from plantwright.core.errors import ValidationFailed
from plantwright.graphql.sources.enums import OpcUaMode, OpcUaSecurityMode, OpcUaSecurityPolicy, SourceProtocol
from plantwright.sources import models
from plantwright.sources.certificate import ClientIdentity, describe
from plantwright.sources.configuration import Device, modbus_address
from plantwright.sources.credentials import read_user_certificate
from plantwright.sources.limits import DEFAULT_INTERVAL, LONGEST_TIMEOUT


@strawberry.type(description="How an OPC UA server is reached.")
class OpcUaSettings:
    endpoint_url: str
    security_mode: OpcUaSecurityMode
    security_policy: OpcUaSecurityPolicy
    username: str | None
    has_password: bool = strawberry.field(description="Whether a password is stored; it is never shown.")
    user_certificate_fingerprint: str | None = strawberry.field(
        description="SHA-256 of the certificate by which the server knows the user, if it is known by one. Neither it "
        "nor its key is ever shown."
    )
    server_fingerprint: str | None = strawberry.field(
        description="SHA-256 of the server's certificate that a person confirmed, 64 hexadecimal digits."
    )
    mode: OpcUaMode
    timeout_seconds: float

    @classmethod
    def of(cls, row: models.IngestSource) -> Self:
        settings = row.settings
        return cls(
            endpoint_url=row.address,
            security_mode=OpcUaSecurityMode(settings["security_mode"]),
            security_policy=OpcUaSecurityPolicy(settings["security_policy"]),
            username=settings.get("username"),
            has_password=row.credentials is not None and "username" in settings,
            user_certificate_fingerprint=settings.get("user_certificate"),
            server_fingerprint=settings.get("server_fingerprint"),
            mode=OpcUaMode(settings["mode"]),
            timeout_seconds=settings["timeout"],
        )


@strawberry.type(description="How a Modbus TCP device is reached, and how hard it may be asked.")
class ModbusSettings:
    host: str
    port: int
    unit_id: int
    timeout_seconds: float
    max_requests_per_second: float | None
    request_pause_seconds: float
    max_registers: int
    max_gap: int

    @classmethod
    def of(cls, row: models.IngestSource) -> Self:
        settings = row.settings
        host, port = Device(SourceProtocol.MODBUS_TCP, row.address, settings).host_and_port
        return cls(
            host=host,
            port=port,
            unit_id=settings["unit_id"],
            timeout_seconds=settings["timeout"],
            max_requests_per_second=settings.get("max_requests_per_second"),
            request_pause_seconds=settings["request_pause"],
            max_registers=settings["max_registers"],
            max_gap=settings["max_gap"],
        )


@strawberry.input(description="How an OPC UA server is reached.")
class OpcUaSettingsInput:
    endpoint_url: str = strawberry.field(description="opc.tcp://host:port/path")
    security_mode: OpcUaSecurityMode = OpcUaSecurityMode.SIGN_AND_ENCRYPT
    security_policy: OpcUaSecurityPolicy = strawberry.field(
        default=OpcUaSecurityPolicy.BASIC256_SHA256, description="Ignored without security."
    )
    username: str | None = None
    password: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Never shown again. Left out in a change, the stored one stays, as long as address, user and "
        "security stay.",
    )
    user_certificate: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="In place of user name and password: PEM, or DER as base64. Never shown again. Left out in a "
        "change without a user name, the stored one stays with its key, under the same condition.",
    )
    user_private_key: str | None = strawberry.field(
        default=strawberry.UNSET, description="Of the user's certificate: RSA, not locked with a password; PEM or DER."
    )
    server_fingerprint: str | None = strawberry.field(
        default=None, description="As a test has shown it and a person has confirmed it: SHA-256, hexadecimal."
    )
    mode: OpcUaMode = OpcUaMode.POLL
    timeout_seconds: float = strawberry.field(default=4.0, description="Of each request; up to 30.")

    @property
    def keeps_credentials(self) -> bool:
        if self.username:
            return self.password is strawberry.UNSET and not self.user_certificate
        return self.user_certificate is strawberry.UNSET and not self.user_private_key

    def to_device(self, poll_interval: float) -> Device:
        is_secured = self.security_mode is not OpcUaSecurityMode.NONE
        policy = self.security_policy if is_secured else OpcUaSecurityPolicy.NONE
        user = self._user()
        settings = {
            "security_mode": self.security_mode.value,
            "security_policy": policy.value,
            "username": self.username or None,
            "user_certificate": None if user is None else describe(user.certificate).fingerprint,
            "server_fingerprint": _fingerprint(self.server_fingerprint) if is_secured else None,
            "mode": self.mode.value,
            "timeout": _timeout(self.timeout_seconds, "opcUa"),
            "poll_interval": float(poll_interval),
        }
        kept = {key: value for key, value in settings.items() if value is not None}
        return Device(SourceProtocol.OPC_UA, self.endpoint_url.strip(), kept, self.password or None, user)

    def _user(self) -> ClientIdentity | None:
        """
        Raises:
            ValidationFailed: only one of the two is given, or they are not a certificate and its key.
        """
        certificate, key = self.user_certificate or None, self.user_private_key or None
        if certificate is None and key is None:
            return None
        if certificate is None or key is None:
            missing = "userCertificate" if certificate is None else "userPrivateKey"
            raise ValidationFailed("userCertificate and userPrivateKey come together.", ["opcUa", missing])
        return read_user_certificate(certificate, key)


@strawberry.input(description="How a Modbus TCP device is reached, and how hard it may be asked.")
class ModbusSettingsInput:
    host: str
    port: int = 502
    unit_id: int = 1
    timeout_seconds: float = strawberry.field(default=3.0, description="Of each request; up to 30.")
    max_requests_per_second: float | None = None
    request_pause_seconds: float = strawberry.field(default=0.0, description="From an answer to the next request.")
    max_registers: int = strawberry.field(default=125, description="The most registers in one request.")
    max_gap: int = strawberry.field(default=0, description="Registers that nobody asked for and may be read along.")

    def to_device(self, poll_interval: float) -> Device:
        settings = {
            "unit_id": self.unit_id,
            "timeout": _timeout(self.timeout_seconds, "modbusTcp"),
            "max_requests_per_second": self.max_requests_per_second,
            "request_pause": self.request_pause_seconds,
            "max_registers": self.max_registers,
            "max_gap": self.max_gap,
            "poll_interval": float(poll_interval),
        }
        kept = {key: value for key, value in settings.items() if value is not None}
        return Device(SourceProtocol.MODBUS_TCP, modbus_address(_host(self.host), self.port), kept)


_FINGERPRINT_DIGITS = 64


def device_of(
    opc_ua: OpcUaSettingsInput | None,
    modbus_tcp: ModbusSettingsInput | None,
    poll_interval: float = DEFAULT_INTERVAL,
) -> Device | None:
    """None when neither is given.

    Raises:
        ValidationFailed: both are given, or a value is out of bounds.
    """
    if opc_ua is not None and modbus_tcp is not None:
        raise ValidationFailed("Give either opcUa or modbusTcp.", ["modbusTcp"])
    chosen = opc_ua or modbus_tcp
    return None if chosen is None else chosen.to_device(poll_interval)


def require_device(
    opc_ua: OpcUaSettingsInput | None,
    modbus_tcp: ModbusSettingsInput | None,
    poll_interval: float = DEFAULT_INTERVAL,
) -> Device:
    """
    Raises:
        ValidationFailed: as `device_of`, and when neither is given.
    """
    device = device_of(opc_ua, modbus_tcp, poll_interval)
    if device is None:
        raise ValidationFailed("Give opcUa or modbusTcp.", ["opcUa"])
    return device


def _host(text: str) -> str:
    """Brackets of an IPv6 address are of URLs."""
    host = text.strip().removeprefix("[").removesuffix("]")
    if not host or any(character in host for character in "/@?# \x00"):
        raise ValidationFailed("host must be a name or an address.", ["modbusTcp", "host"])
    return host


def _timeout(seconds: float, place: str) -> float:
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise ValidationFailed(f"timeoutSeconds is above 0 and at most {LONGEST_TIMEOUT:g}.", [place, "timeoutSeconds"])
    return float(seconds)


def _fingerprint(text: str | None) -> str | None:
    """Colons, spaces and capitals, as tools show them, do not matter."""
    if text is None or not text.strip():
        return None
    digits = text.replace(":", "").replace(" ", "").lower()
    if len(digits) != _FINGERPRINT_DIGITS or not set(digits) <= set("0123456789abcdef"):
        raise ValidationFailed("serverFingerprint has 64 hexadecimal digits.", ["opcUa", "serverFingerprint"])
    return digits
