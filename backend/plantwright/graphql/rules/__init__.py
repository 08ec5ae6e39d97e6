"""GraphQL of the rules room."""
