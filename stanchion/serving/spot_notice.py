"""How long a request may take on a node that can be taken back: what the notice of a spot instance leaves for it."""

# EC2 user guide, Spot Instance interruption notices: two minutes.
SPOT_NOTICE = 120
# Until every gateway has heard that the pod leaves.
LEAVES_WITHIN = 10
# For the server to end once it is told to.
ENDS_WITHIN = 15
# For the notice to be read and the node to be drained.
NOTICED_WITHIN = 10
LONGEST = SPOT_NOTICE - LEAVES_WITHIN - ENDS_WITHIN - NOTICED_WITHIN
