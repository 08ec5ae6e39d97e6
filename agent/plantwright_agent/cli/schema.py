"""`plantwright-agent schema`: what editors need to complete and check a configuration while it is written."""

import argparse
import inspect
import json
from typing import Any

import msgspec

from plantwright_agent.cli.common import OK, Commands, say
from plantwright_agent.configuration.config import Config
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.secret import Secret

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def add_command(commands: Commands, common: argparse.ArgumentParser) -> None:
    del common
    parser = commands.add_parser("schema", help="print the JSON Schema of the configuration, for editors")
    parser.add_argument("--sources", action="store_true", help="that of a file in sources_dir instead")
    parser.set_defaults(command=schema)


def schema(options: argparse.Namespace) -> int:
    say(schema_text(of_sources=options.sources).rstrip())
    return OK


def schema_text(*, of_sources: bool) -> str:
    """The schema as it is kept in a file."""
    kind: Any = SourceConfig | list[SourceConfig] if of_sources else Config
    title = "A source file of the Plantwright agent" if of_sources else "Configuration of the Plantwright agent"
    document = msgspec.json.schema(kind, schema_hook=_as_text)
    # What a file leaves out may come from the environment.
    document["$defs"].get("AgentConfig", {}).pop("required", None)
    for part in document["$defs"].values():
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
    return json.dumps({"$schema": DIALECT, "title": title} | document, indent=2) + "\n"


def _as_text(kind: type) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "writeOnly": kind is Secret}
