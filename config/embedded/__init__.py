"""A PostgreSQL and a Valkey that live in wheels, for the demo and the tests.

Each is a child process of the program that needs it: it listens on a Unix socket in a folder that
only its owner may enter, keeps its data in a folder of that program's choice, and ends with it.
Production has servers of its own and never imports this package.
"""
