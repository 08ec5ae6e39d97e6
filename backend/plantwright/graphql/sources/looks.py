"""A look at a device: what a test, a browse and a probe have shown."""

from datetime import datetime
from typing import Self

import strawberry
from plantwright_agent.inputs.modbus_tcp.probe import ProbedAddress
from plantwright_agent.inputs.opcua.browse import BrowsedNode

from plantwright.graphql.sources.enums import Outcome, StepName
from plantwright.graphql.sources.setup import OpcUaCertificate
from plantwright.sources import report


@strawberry.type
class IngestSourceTestStep:
    name: StepName
    outcome: Outcome
    message: str = strawberry.field(description="What was found, or what went wrong and what to do.")


@strawberry.type(description="The first value of a tag, or why there is none.")
class TestedTag:
    tag: str
    metric_name: str
    unit: str
    value: float | None = strawberry.field(description="Scaled, as it would be stored.")
    quality: int | None = strawberry.field(description="0 good, 1 uncertain, 2 bad (OPC UA status class).")
    time: datetime | None
    problem: str | None


@strawberry.type(description="One way in that an OPC UA server offers.")
class OpcUaOffer:
    security_mode: str
    security_policy: str
    user_tokens: list[str] = strawberry.field(description="anonymous, username, certificate, issued token")


@strawberry.type(description="What a test has shown; nothing of it is stored.")
class IngestSourceTest:
    is_successful: bool
    steps: list[IngestSourceTestStep]
    tags: list[TestedTag]
    offers: list[OpcUaOffer]
    server_certificate: OpcUaCertificate | None = strawberry.field(
        description="That the server shows now. Compare its fingerprint with the server's own display, then give it "
        "as `serverFingerprint`."
    )
    is_server_confirmed: bool = strawberry.field(description="Whether it is the one given as `serverFingerprint`.")
    client_certificate: OpcUaCertificate | None = strawberry.field(description="That the server has to trust.")

    @classmethod
    def of(cls, found: report.Report) -> Self:
        server, client = found.server_certificate, found.client_certificate
        return cls(
            is_successful=found.is_successful,
            steps=[
                IngestSourceTestStep(name=one.name, outcome=one.outcome, message=one.message) for one in found.steps
            ],
            tags=[
                TestedTag(
                    tag=one.tag,
                    metric_name=one.metric_name,
                    unit=one.unit,
                    value=one.value,
                    quality=one.quality,
                    time=one.time,
                    problem=one.problem,
                )
                for one in found.tags
            ],
            offers=[
                OpcUaOffer(
                    security_mode=one.security_mode,
                    security_policy=one.security_policy,
                    user_tokens=list(one.user_tokens),
                )
                for one in found.offers
            ],
            server_certificate=None if server is None else OpcUaCertificate.of(server),
            is_server_confirmed=found.is_confirmed,
            client_certificate=None if client is None else OpcUaCertificate.of(client),
        )


@strawberry.type(description="One node below the one that was asked for.")
class OpcUaNode:
    node_id: str
    stable_node_id: str = strawberry.field(description="With the namespace's URI: it survives a change of indexes.")
    path: str = strawberry.field(description="From the root.")
    name: str
    node_class: str = strawberry.field(description="Object, Variable, Method and so on.")
    data_type: str | None
    value: str | None = strawberry.field(description="As text.")
    unit: str | None
    is_readable: bool = strawberry.field(description="Whether it can become readings.")
    why_not: str | None

    @classmethod
    def of(cls, node: BrowsedNode) -> Self:
        return cls(
            node_id=node.node_id,
            stable_node_id=node.stable_node_id,
            path=node.path,
            name=node.name,
            node_class=node.node_class,
            data_type=node.data_type or None,
            value=node.value or None,
            unit=node.unit or None,
            is_readable=node.is_readable,
            why_not=node.why_not or None,
        )


@strawberry.type(description="What is at one Modbus address.")
class ProbedRegister:
    address: int
    value: int | None = strawberry.field(description="Of a register 0 to 65,535, of a bit 0 or 1.")
    problem: str | None

    @classmethod
    def of(cls, found: ProbedAddress) -> Self:
        return cls(address=found.address, value=found.value, problem=found.reason or None)
