"""GraphQL of the settings room."""
