"""The clinical record and the work on it. Imports accounts; never imports inference."""
