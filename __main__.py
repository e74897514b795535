"""The Pulumi program: read the stack's configuration, build its layers, export their outputs."""

from stacks.program import run

run()
