"""Forms of models and trainings."""
