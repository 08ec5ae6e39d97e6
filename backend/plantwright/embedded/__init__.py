"""PostgreSQL and Valkey for a machine that has neither, and the supervisor behind `./justw up`."""
