"""OPC UA subscriptions, signed and encrypted."""
