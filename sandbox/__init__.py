"""The local cloud: engine, emulators behind one front door, and the `aws` provider that talks to them."""
