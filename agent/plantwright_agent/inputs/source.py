"""The configuration of one source, whatever its protocol."""

from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.inputs.opcua.config import OpcUaConfig
from plantwright_agent.inputs.tags import Name

Protocol = Literal["opcua", "modbus", "csv", "json"]


class SourceConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One `[[source]]`. `machine_identifier` is the default of all its tags.

    `when_full` says what a full buffer does to it: files wait, readings of devices are dropped, the oldest first.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
    machine_identifier: Name | None = None
    protocol: Protocol
    when_full: Literal["wait", "drop_oldest"] | None = None
    opcua: OpcUaConfig | None = None
    modbus: ModbusConfig | None = None
    csv: CsvConfig | None = None
    json: JsonConfig | None = None

    @property
    def settings(self) -> OpcUaConfig | ModbusConfig | CsvConfig | JsonConfig | None:
        """The table of the source's own protocol."""
        tables = {"opcua": self.opcua, "modbus": self.modbus, "csv": self.csv, "json": self.json}
        return tables[self.protocol]

    @property
    def is_live(self) -> bool:
        """True for a source that does not wait: what is not read now is gone. Files wait."""
        return self.protocol in {"opcua", "modbus"}

    @property
    def repeats(self) -> bool:
        """True for a source that, started anew, tells values again with the time at which they came about."""
        return self.opcua is not None and self.opcua.timestamp != "arrival"

    @property
    def waits_when_full(self) -> bool:
        return self.when_full == "wait" or (self.when_full is None and not self.is_live)

    def located(self, folder: Path, trust_dir: Path) -> Self:
        """The same with relative paths taken from `folder`."""
        if self.opcua is not None:
            return msgspec.structs.replace(self, opcua=self.opcua.located(folder, trust_dir))
        files = {key: table for key, table in (("csv", self.csv), ("json", self.json)) if table is not None}
        return msgspec.structs.replace(
            self,
            **{key: table.located(folder) for key, table in files.items()},
        )
