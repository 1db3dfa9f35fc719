"""``parmesan.special`` by its published name."""
from untapped.parmesan.special import *  # noqa: F401,F403
