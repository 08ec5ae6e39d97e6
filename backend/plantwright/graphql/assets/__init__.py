"""GraphQL of the assets room."""
