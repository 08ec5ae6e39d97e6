"""GraphQL of the agents room."""
