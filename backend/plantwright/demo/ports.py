"""Where the demo plant listens unless told otherwise."""

DEFAULT_OPCUA_PORT = 48_400
DEFAULT_MODBUS_PORT = 50_200
