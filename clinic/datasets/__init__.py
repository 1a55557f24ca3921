"""Data sets in plain Python: what is asked for, how a label comes about, what a row says.

Nothing here knows Django; the selectors and services of the clinic feed it.
"""
