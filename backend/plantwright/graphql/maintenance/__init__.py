"""GraphQL of the maintenance room."""
