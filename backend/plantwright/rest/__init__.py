"""The REST shim: routes onto GraphQL operations, and the ingest door."""
