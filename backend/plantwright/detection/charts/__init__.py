"""The three charts of a series, as a pure function over columns of readings."""
