"""GraphQL of the notifications room."""
