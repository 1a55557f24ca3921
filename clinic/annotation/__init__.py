"""Regions on an image: their vocabulary, their W3C form, their masks and their size.

Plain Python: neither Django nor numpy, because the web process uses it.
"""
