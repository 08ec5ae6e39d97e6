"""The detectors over a file, without a database: the very functions that the worker runs."""
