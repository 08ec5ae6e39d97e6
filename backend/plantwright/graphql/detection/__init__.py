"""GraphQL of the detection room."""
