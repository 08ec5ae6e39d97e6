"""Edge agent of Plantwright."""

from importlib.metadata import version

__version__ = version("plantwright-agent")
