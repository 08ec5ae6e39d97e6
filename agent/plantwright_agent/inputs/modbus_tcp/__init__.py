"""Modbus TCP polling; only the four functions that read are ever sent."""
