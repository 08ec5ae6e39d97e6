"""The demo plant: six simulated machines behind real OPC UA, Modbus TCP, CSV and JSON-lines sources."""
