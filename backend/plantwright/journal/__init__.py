"""The journal: one HMAC chain per tenant of what was concluded and done."""
