"""``parmesan.ladder`` by its published name."""
from untapped.parmesan.ladder import *  # noqa: F401,F403
