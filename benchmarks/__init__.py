"""What the product costs, measured: ratios within one run, never a test that waits for a clock."""
