"""CSV files that grow: a header line, then one row per time and one column per metric."""
