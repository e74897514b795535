"""What gateways write down: one event for each attempt to answer, and what people and systems say of it later."""
