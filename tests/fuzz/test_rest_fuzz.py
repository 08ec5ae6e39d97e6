"""Every route against its own OpenAPI document: generated requests, no fault of ours, answers as described."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from plantwright.rest.openapi import describe
from plantwright.rest.routes import ROUTES
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 8
# They end the session that all other requests need, reach for what is outside, or answer with a file.
LEFT_OUT = r"/auth/|/test$|/probe$|/browse$|/export$"

document = schemathesis.openapi.from_dict(describe(ROUTES)).exclude(path_regex=LEFT_OUT)


@document.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case: Any, api_url: str, headers: dict[str, str]) -> None:
    case.call_and_validate(
        base_url=api_url,
        headers=headers,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
