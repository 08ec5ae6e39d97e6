"""The running agent: sources, hot reload, status."""
