"""GraphQL of the journal room."""
