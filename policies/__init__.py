"""The policy pack: rules over a whole program, the same in the engine and in `stanchion check`."""
