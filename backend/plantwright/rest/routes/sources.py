"""Devices that the server itself reads."""

from typing import Any

from plantwright.rest.documents import TOO_MANY_ATTEMPTS, USER_ERROR, connection, mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as, query_as_filter
from plantwright.rest.routes.source_shapes import (
    AuthType,
    BrowseAnswer,
    BrowseRequest,
    IngestSource,
    IngestSourceWithTags,
    ModbusSourceCreate,
    OpcUaSourceCreate,
    ProbeAnswer,
    ProbeRequest,
    SourceParameters,
    SourceSetup,
    SourceTest,
    SourceTestRequest,
    SourceUpdate,
    TagMappings,
    TagMappingsOfMachine,
)
from plantwright.sources.configuration import raw_tag_of
from plantwright.sources.service import SOURCE_NOT_FOUND

SOURCE = (
    "fragment SourceFields on IngestSource { id name machine { id } protocol address pollIntervalSeconds "
    "opcUa { endpointUrl securityMode securityPolicy username hasPassword "
    "userCertificateFingerprint serverFingerprint mode timeoutSeconds } "
    "modbusTcp { host port unitId timeoutSeconds maxRequestsPerSecond requestPauseSeconds maxRegisters maxGap } "
    "isPaused status { state since lastError lastErrorAt lastReadingAt readings gaps restarts } version createdAt "
    "updatedAt }"
)
TAGS = (
    "fragment TagFields on IngestSource { tags { tag metricName unit scale offset isEnabled dataType wordOrder "
    "byteOrder lastValue lastQuality lastValueAt } gaps { tag reason startedAt endedAt count } }"
)
CERTIFICATE = (
    "fragment CertificateFields on OpcUaCertificate { fingerprint subject applicationUri notBefore notAfter pem }"
)
_WHOLE = "...SourceFields ...TagFields"
_LOOK_ERRORS = f"{USER_ERROR} {TOO_MANY_ATTEMPTS}"
_PAGE, _SKIP = connection(
    "ingestSources",
    "...SourceFields",
    SOURCE,
    variables="$filter: IngestSourceFilter",
    arguments="filter: $filter",
)
_TEST = (
    "test { isSuccessful steps { name outcome message } tags { tag metricName unit value quality time problem } "
    "offers { securityMode securityPolicy userTokens } serverCertificate { ...CertificateFields } isServerConfirmed "
    "clientCertificate { ...CertificateFields } }"
)
_NODES = "nodes { nodeId stableNodeId path name nodeClass dataType value unit isReadable whyNot }"
_OF_SOURCE = frozenset({"machineId", "name", "pollIntervalSeconds"})
_APART = _OF_SOURCE | {"authType", "nodeIds", "mappings", "enabled"}


_OF_USER = ("username", "password")
_OF_CERTIFICATE = ("userCertificate", "userPrivateKey")
_NOT_OF = {
    AuthType.ANONYMOUS.name: (*_OF_USER, *_OF_CERTIFICATE),
    AuthType.USERNAME.name: _OF_CERTIFICATE,
    AuthType.CERTIFICATE.name: _OF_USER,
}


def _opc_ua_source(call: Call) -> dict[str, Any]:
    """The flat body of the route as the nested input of the operation."""
    body = dict(call.body)
    settings = {key: value for key, value in body.items() if key not in _APART}
    for key in _NOT_OF.get(body.get("authType", ""), ()):
        settings.pop(key, None)
    named = {mapping["tag"] for mapping in body.get("mappings", [])}
    nodes = [{"tag": tag, "metricName": raw_tag_of(tag)} for tag in body.get("nodeIds", []) if tag not in named]
    return _source(body, "opcUa", settings, [*body.get("mappings", []), *nodes])


def _modbus_source(call: Call) -> dict[str, Any]:
    body = dict(call.body)
    settings = {key: value for key, value in body.items() if key not in _APART}
    return _source(body, "modbusTcp", settings, body.get("mappings", []))


def _source(body: dict[str, Any], protocol: str, settings: dict[str, Any], tags: list[Any]) -> dict[str, Any]:
    kept = {key: body[key] for key in _OF_SOURCE if key in body}
    return {"input": {**kept, protocol: settings, "tags": tags, "isPaused": not body.get("enabled", True)}}


def _tags_of_machine(call: Call) -> dict[str, Any]:
    return {"input": {**call.body, "keepOthers": True}}


ROUTES = (
    RestRoute(
        method="GET",
        path="/ingest/setup",
        summary="Whether this server reads devices, how many, and with which certificate.",
        document=query(
            "query IngestSourceSetup { ingestSourceSetup { isOpen message maxSources maxTags "
            "clientCertificate { ...CertificateFields } } }",
            CERTIFICATE,
        ),
        answer=SourceSetup,
    ),
    RestRoute(
        method="GET",
        path="/ingest/sources",
        summary="Devices that the server reads itself, by name.",
        document=_PAGE,
        skip_document=_SKIP,
        query=SourceParameters,
        answer=IngestSource,
        variables=query_as_filter,
    ),
    RestRoute(
        method="POST",
        path="/ingest/opcua/sources",
        summary="Have the server read an OPC UA server. Admins and operators.",
        document=mutation("createIngestSource", f"source {{ {_WHOLE} }}", SOURCE, TAGS),
        body=OpcUaSourceCreate,
        answer=IngestSourceWithTags,
        variables=_opc_ua_source,
        result=item("source"),
        status=201,
    ),
    RestRoute(
        method="POST",
        path="/ingest/modbus/sources",
        summary="Have the server read a Modbus TCP device. Admins and operators.",
        document=mutation("createIngestSource", f"source {{ {_WHOLE} }}", SOURCE, TAGS),
        body=ModbusSourceCreate,
        answer=IngestSourceWithTags,
        variables=_modbus_source,
        result=item("source"),
        status=201,
    ),
    RestRoute(
        method="GET",
        path="/ingest/sources/{source_id}",
        summary="One source, with its tags and its newest gaps.",
        document=query(
            f"query IngestSource($id: ID!) {{ ingestSource(id: $id) {{ {_WHOLE} }} }}",
            SOURCE,
            TAGS,
        ),
        answer=IngestSourceWithTags,
        variables=path_as(id="source_id"),
        not_found=SOURCE_NOT_FOUND,
    ),
    RestRoute(
        method="PATCH",
        path="/ingest/sources/{source_id}",
        summary="Change how a device is reached. Admins and operators.",
        document=mutation("updateIngestSource", f"source {{ {_WHOLE} }}", SOURCE, TAGS),
        body=SourceUpdate,
        answer=IngestSourceWithTags,
        variables=body_as_input(id="source_id"),
        result=item("source"),
    ),
    RestRoute(
        method="DELETE",
        path="/ingest/sources/{source_id}",
        summary="Stop reading for good; the readings stay. Admins and operators.",
        document=mutation("deleteIngestSource", "id"),
        answer=None,
        variables=body_as_input(id="source_id"),
        status=204,
    ),
    RestRoute(
        method="POST",
        path="/ingest/sources/{source_id}/pause",
        summary="Stop reading until it is resumed. Admins and operators.",
        document=mutation("pauseIngestSource", "source { ...SourceFields }", SOURCE),
        answer=IngestSource,
        variables=body_as_input(id="source_id"),
        result=item("source"),
    ),
    RestRoute(
        method="POST",
        path="/ingest/sources/{source_id}/resume",
        summary="Go on reading. Admins and operators.",
        document=mutation("resumeIngestSource", "source { ...SourceFields }", SOURCE),
        answer=IngestSource,
        variables=body_as_input(id="source_id"),
        result=item("source"),
    ),
    RestRoute(
        method="PUT",
        path="/ingest/sources/{source_id}/tag-mappings",
        summary="Say which tags are read and where their values go. Admins and operators.",
        document=mutation("setTagMappings", f"source {{ {_WHOLE} }}", SOURCE, TAGS),
        body=TagMappings,
        answer=IngestSourceWithTags,
        variables=body_as_input(sourceId="source_id"),
        result=item("source"),
    ),
    RestRoute(
        method="POST",
        path="/sensor-data/tag-mappings",
        summary="Add or replace mappings of the machine's only source. Admins and operators.",
        document=mutation("setTagMappings", f"source {{ {_WHOLE} }}", SOURCE, TAGS),
        body=TagMappingsOfMachine,
        answer=IngestSourceWithTags,
        variables=_tags_of_machine,
        result=item("source"),
    ),
    RestRoute(
        method="POST",
        path="/ingest/sources/{source_id}/test",
        summary="Connect once and read the tags; nothing is stored. Admins and operators.",
        document=mutation("testIngestSource", _TEST, CERTIFICATE, errors=_LOOK_ERRORS),
        body=SourceTestRequest,
        answer=SourceTest,
        variables=body_as_input(id="source_id"),
        result=item("test"),
    ),
    RestRoute(
        method="POST",
        path="/ingest/sources/{source_id}/browse",
        summary="One level of an OPC UA server's nodes. Admins and operators.",
        document=mutation("browseIngestSource", _NODES, errors=_LOOK_ERRORS),
        body=BrowseRequest,
        answer=BrowseAnswer,
        variables=body_as_input(id="source_id"),
    ),
    RestRoute(
        method="POST",
        path="/ingest/sources/{source_id}/probe",
        summary="What is at these Modbus addresses. Admins and operators.",
        document=mutation("probeIngestSource", "registers { address value problem }", errors=_LOOK_ERRORS),
        body=ProbeRequest,
        answer=ProbeAnswer,
        variables=body_as_input(id="source_id"),
    ),
)
