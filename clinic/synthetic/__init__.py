"""A clinic that does not exist: pictures and people made up for the demo and the tests.

Everything here is marked: pictures carry the word SYNTHETIC in a corner, medical record numbers
begin with SYN-. The pictures need numpy, which the web process does not have: import
`clinic.synthetic.dermoscopy` only where the worker's libraries are installed.
"""
