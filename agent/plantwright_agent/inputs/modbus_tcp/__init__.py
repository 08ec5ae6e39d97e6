"""Modbus TCP polling; only the two functions that read registers are ever sent."""
