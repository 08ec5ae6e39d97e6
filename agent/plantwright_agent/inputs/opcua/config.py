"""Settings of `[source.opcua]`."""

from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from plantwright_agent.inputs.tags import Name, TagConfig
from plantwright_agent.secret import Secret

NODE_ID = r"^((ns=\d+|nsu=[^;]+);)?[isgb]=.+$"
POLICIES = {
    "Basic256Sha256": "Basic256Sha256",
    "Aes128_Sha256_RsaOaep": "Aes128Sha256RsaOaep",
    "Aes256_Sha256_RsaPss": "Aes256Sha256RsaPss",
    "Aes128Sha256RsaOaep": "Aes128Sha256RsaOaep",
    "Aes256Sha256RsaPss": "Aes256Sha256RsaPss",
}
DEPRECATED = {"Basic128Rsa15", "Basic256"}
CURRENT = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]

Milliseconds = Annotated[float, msgspec.Meta(ge=10, le=3_600_000)]
Problems = list[tuple[str, str]]


class OpcUaConnection(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How to reach one server. Security is on unless switched off by name: `security_mode = "None"`.

    `timeout` is in seconds per request. Without `certificate` the agent makes its own in `trust_dir`; without
    `server_certificate` the server's certificate must be one that `trust_dir` trusts.
    """

    endpoint: Annotated[str, msgspec.Meta(pattern=r"^opc\.tcp://[^/@]+(/.*)?$")]
    security_mode: Literal["None", "Sign", "SignAndEncrypt"] = "SignAndEncrypt"
    security_policy: Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["", "None", *CURRENT]})] = CURRENT[0]
    username: Name | None = None
    password: Secret | None = None
    user_certificate: Path | None = None
    user_private_key: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    server_certificate: Path | None = None
    trust_dir: Path | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0, le=120)] = 4.0

    @property
    def secured(self) -> bool:
        return self.security_mode != "None"

    def problems(self) -> Problems:
        """Key and reason for each rule between keys that is broken."""
        return [*self._policy_problems(), *self._certificate_problems(), *self._user_problems()]

    def files(self) -> list[tuple[str, Path]]:
        """Key and path of each file that must be readable."""
        keys = ("certificate", "private_key", "server_certificate", "user_certificate", "user_private_key")
        return [(key, path) for key in keys if (path := getattr(self, key)) is not None]

    def located(self, folder: Path, trust_dir: Path) -> Self:
        """The same with relative paths taken from `folder`, and `trust_dir` where the settings name none."""
        paths = {key: folder / path for key, path in self.files()}
        return msgspec.structs.replace(self, **paths, trust_dir=folder / (self.trust_dir or trust_dir))

    def _policy_problems(self) -> Problems:
        policy = self.security_policy
        if policy in DEPRECATED:
            reason = f"{policy} is broken and no longer allowed; use {CURRENT[0]}, or {CURRENT[2]} where the server can"
            return [("security_policy", reason)]
        if policy in {"", "None"}:
            return [("security_policy", f'security_mode "{self.security_mode}" needs a policy')] if self.secured else []
        if policy not in POLICIES:
            return [("security_policy", f'"{policy}" is not known; known are {", ".join(CURRENT)}')]
        return []

    def _certificate_problems(self) -> Problems:
        found: Problems = []
        if (self.certificate is None) != (self.private_key is None):
            found.append(("certificate", "certificate and private_key come together"))
        if self.secured and self.trust_dir is None and None in {self.certificate, self.server_certificate}:
            found.append(("trust_dir", "needs a folder, or certificate, private_key and server_certificate"))
        return found

    def _user_problems(self) -> Problems:
        found: Problems = []
        if (self.username is None) != (self.password is None):
            found.append(("username", "username and password come together"))
        if (self.user_certificate is None) != (self.user_private_key is None):
            found.append(("user_certificate", "user_certificate and user_private_key come together"))
        if self.username is not None and self.user_certificate is not None:
            found.append(("user_certificate", "a user is known by a password or by a certificate, not by both"))
        if self.username is not None and not self.secured:
            found.append(("security_mode", '"None" would send the password in the clear; use "SignAndEncrypt"'))
        if self.user_certificate is not None and not self.secured:
            found.append(("security_mode", 'a user certificate needs "Sign" or "SignAndEncrypt"'))
        return found


class OpcUaNode(TagConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One variable, by `node_id` or by browse `path`.

    `element` picks one element of an array, counted from 0. `deadband` is in the raw value's unit, `deadband_percent`
    in percent of the range the server gives for the variable (EURange).
    """

    node_id: Annotated[str, msgspec.Meta(pattern=NODE_ID, max_length=4096)] | None = None
    path: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)] | None = None
    element: Annotated[int, msgspec.Meta(ge=0, le=4_294_967_295)] | None = None
    deadband: Annotated[float, msgspec.Meta(gt=0)] | None = None
    deadband_percent: Annotated[float, msgspec.Meta(gt=0, le=100)] | None = None

    @property
    def address(self) -> str:
        """As the configuration names it; with the element, if there is one."""
        place = self.node_id or self.path or ""
        return place if self.element is None else f"{place}[{self.element}]"


class OpcUaConfig(OpcUaConnection, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What to read from one server, and how often.

    `sampling_interval_ms` is how often the server looks at a value, `publishing_interval_ms` how often it tells;
    `queue_size` bounds what it keeps of one node in between. `poll_interval` is in seconds.
    `timestamp` chooses whose clock counts: the source's, the server's, or this machine's on arrival.
    """

    mode: Literal["subscribe", "poll"] = "subscribe"
    publishing_interval_ms: Milliseconds = 1000.0
    sampling_interval_ms: Milliseconds | None = None
    queue_size: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 100
    poll_interval: Annotated[float, msgspec.Meta(ge=0.1, le=86_400)] = 5.0
    timestamp: Literal["source", "server", "arrival"] = "source"
    nodes: Annotated[list[OpcUaNode], msgspec.Meta(min_length=1)]

    def problems(self) -> Problems:
        found = OpcUaConnection.problems(self)
        for index, node in enumerate(self.nodes):
            place = f"nodes[{index}]"
            if (node.node_id is None) == (node.path is None):
                found.append((place, "needs a node_id or a path, and not both"))
            if node.deadband is not None and node.deadband_percent is not None:
                found.append((place, "deadband and deadband_percent exclude each other"))
            if node.deadband_percent is not None and self.mode == "poll":
                found.append((place, 'deadband_percent is worked out by the server; it needs mode = "subscribe"'))
        return found
