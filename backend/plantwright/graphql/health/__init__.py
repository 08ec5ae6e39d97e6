"""GraphQL of the health room."""
