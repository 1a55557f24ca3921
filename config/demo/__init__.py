"""The whole clinic on one machine in one terminal: what `make demo` runs."""
