"""GraphQL of the escalation room."""
