"""GraphQL of the sources room."""
