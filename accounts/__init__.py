"""People, organisations, roles and API clients. Imports no other app."""
