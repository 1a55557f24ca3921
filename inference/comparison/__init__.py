"""Two models on the same labelled images. Plain Python and numpy, no Django: a worker runs it."""
