"""``parmesan.normalize`` by its published name."""
from untapped.parmesan.normalize import *  # noqa: F401,F403
