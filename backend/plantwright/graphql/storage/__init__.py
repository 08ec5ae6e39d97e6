"""GraphQL of what is stored."""
