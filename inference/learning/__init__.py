"""Which cases the next model would learn most from. Plain Python and numpy, no Django."""
