"""CSV files that grow or are dropped in, in the wide or the long form."""
