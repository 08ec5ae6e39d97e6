"""Devices that the server itself reads, with the input code of the agent."""
