"""From a source's configuration to its input."""

from plantwright_agent.inputs.contract import Input, Positions
from plantwright_agent.inputs.source import SourceConfig


def is_live(source: SourceConfig) -> bool:
    """True for a source that does not wait: what is not read now is gone. Files wait."""
    return source.is_live


def build_input(source: SourceConfig, positions: Positions) -> Input:
    """A new, unstarted input. Protocol code is loaded here, so that an agent without OPC UA does not carry it."""
    machine = source.machine_identifier
    if source.opcua is not None:
        from plantwright_agent.inputs.opcua.input import OpcUa  # noqa: PLC0415 - see above

        return OpcUa(source.opcua, machine, source.name)
    if source.modbus is not None:
        from plantwright_agent.inputs.modbus_tcp.input import ModbusTcp  # noqa: PLC0415 - see above

        return ModbusTcp(source.modbus, machine)
    if source.csv is not None:
        from plantwright_agent.inputs.csv_watch.input import CsvWatch  # noqa: PLC0415 - see above

        return CsvWatch(source.name, source.csv, machine, positions)
    if source.json is not None:
        from plantwright_agent.inputs.json_watch.input import JsonWatch  # noqa: PLC0415 - see above

        return JsonWatch(source.name, source.json, machine, positions)
    raise ValueError(f"source {source.name} has no settings for {source.protocol}")
