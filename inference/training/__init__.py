"""From labelled images to a model package. Plain Python, torch and MONAI, no Django."""
