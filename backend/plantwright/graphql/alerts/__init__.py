"""GraphQL of the alerts room."""
