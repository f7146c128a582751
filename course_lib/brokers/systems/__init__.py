"""One file a system: its private server, and its channels."""
