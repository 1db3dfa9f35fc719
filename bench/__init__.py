"""How fast training is: python -m bench --help."""
