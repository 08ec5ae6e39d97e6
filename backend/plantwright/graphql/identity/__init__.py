"""GraphQL of the identity room."""
