"""Settings of `[source.opcua]`."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from plantwright_agent.inputs.tags import Name, TagConfig
from plantwright_agent.secret import Secret

NODE_ID = r"^(ns=\d+;)?[isgb]=.+$"


class OpcUaNode(TagConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    node_id: Annotated[str, msgspec.Meta(pattern=NODE_ID, max_length=4096)]


class OpcUaConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Security is on unless switched off by name: `security_mode = "None"`."""

    endpoint: Annotated[str, msgspec.Meta(pattern=r"^opc\.tcp://[^/@]+(/.*)?$")]
    security_mode: Literal["None", "Sign", "SignAndEncrypt"] = "SignAndEncrypt"
    security_policy: Literal["", "None", "Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"] = (
        "Basic256Sha256"
    )
    username: Name | None = None
    password: Secret | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    server_certificate: Path | None = None
    publishing_interval_ms: Annotated[float, msgspec.Meta(ge=10, le=3_600_000)] = 1000.0
    timeout: Annotated[float, msgspec.Meta(gt=0, le=120)] = 4.0
    nodes: Annotated[list[OpcUaNode], msgspec.Meta(min_length=1)]

    @property
    def secured(self) -> bool:
        return self.security_mode != "None"

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        found: list[tuple[str, str]] = []
        if self.secured and self.security_policy in {"", "None"}:
            found.append(("security_policy", f'security_mode "{self.security_mode}" needs a policy'))
        if self.secured:
            found += [
                (key, f'security_mode "{self.security_mode}" needs this file')
                for key in ("certificate", "private_key", "server_certificate")
                if getattr(self, key) is None
            ]
        if (self.username is None) != (self.password is None):
            found.append(("username", "username and password come together"))
        if self.username is not None and not self.secured:
            found.append(("security_mode", '"None" would send the password in the clear; use "SignAndEncrypt"'))
        return found

    def files(self) -> list[tuple[str, Path]]:
        """Key and path of each file that must be readable."""
        keys = ("certificate", "private_key", "server_certificate")
        return [(key, path) for key in keys if (path := getattr(self, key)) is not None]
