"""The Pulumi program: read the stack's configuration, build its layers, export their outputs."""

import gc

# The imports make some hundred thousand objects that stay to the end; collecting among them takes a third of the time.
gc.disable()
from stacks.program import run  # noqa: E402

gc.freeze()
gc.enable()
run()
