"""``parmesan.flow`` by its published name."""
from untapped.parmesan.flow import *  # noqa: F401,F403
