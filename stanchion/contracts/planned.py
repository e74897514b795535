"""Where the planned outputs of previewed stacks lie, for the stacks that are previewed after them."""

# A folder with one `<stack>.json` per producer, set by `stanchion preview` and read by the program.
PLANNED_OUTPUTS = "STANCHION_PLANNED_OUTPUTS"
