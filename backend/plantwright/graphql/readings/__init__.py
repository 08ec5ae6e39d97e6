"""GraphQL of the readings room."""
