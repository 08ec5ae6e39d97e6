"""What the charts of series remember, in shards, and the charts as a consumer of the log."""
