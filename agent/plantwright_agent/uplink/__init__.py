"""What goes to the server: batches and heartbeats, over one connection."""
