"""Where the figures of Kubernetes, Karpenter, KEDA and EKS compute come from."""

from stanchion.recovery.sources import Source

NODE_MONITOR = Source(
    "Kubernetes documentation, kube-controller-manager",
    "--node-monitor-grace-period: 50 s since 1.32 (kubernetes/kubernetes pull request 126287), 40 s before",
)
EVICTION = Source(
    "Kubernetes documentation, Taints and Tolerations",
    "taint based evictions: 300 s for not-ready and unreachable unless the pod says otherwise",
)
EVICTION_RATE = Source(
    "Kubernetes documentation, Nodes",
    "rate limits on eviction: 0.1 nodes a second; none in a zone of up to 50 nodes of which 55 % but not all are "
    "unhealthy, none when all zones are",
)
SPREAD = Source(
    "Kubernetes documentation, Pod Topology Spread Constraints",
    "whenUnsatisfiable, maxSkew and minDomains; required pod anti-affinity (Assigning Pods to Nodes)",
)
UNREACHABLE_STATE = Source(
    "Kubernetes documentation, Force Delete StatefulSet Pods",
    "pods of an unreachable node keep their name and volumes until the node object is deleted",
)
PROBES = Source(
    "Kubernetes documentation, Configure Probes",
    "periodSeconds 10, timeoutSeconds 1, failureThreshold 3, initialDelaySeconds 0",
)
STARTUP_PROBE = Source(
    "Kubernetes documentation, Configure Probes",
    "startup probe: the container is killed after failureThreshold x periodSeconds",
)
DEPLOYMENT_STRATEGY = Source(
    "Kubernetes documentation, Deployments", "rolling update: maxUnavailable and maxSurge 25 % each unless set"
)
STATEFUL_STRATEGY = Source(
    "Kubernetes documentation, StatefulSets", "rolling update: one pod at a time unless maxUnavailable is set"
)
DAEMON_STRATEGY = Source("Kubernetes documentation, DaemonSets", "rolling update: maxUnavailable 1 unless set")
TERMINATION = Source("Kubernetes documentation, Pod Lifecycle", "terminationGracePeriodSeconds: 30 s unless set")
HPA = Source(
    "Kubernetes documentation, Horizontal Pod Autoscaling",
    "minReplicas 1 unless set; the controller looks every 15 s (on EKS every 10 to 15 s); a target of 0 replicas is "
    "left alone",
)
KEDA = Source(
    "KEDA documentation, ScaledObject specification and pausing autoscaling",
    "pollingInterval 30 s, minReplicaCount 0, idleReplicaCount ignored unless set",
)
KARPENTER_CAPACITY = Source(
    "Karpenter documentation, NodePools; Amazon EC2 user guide, On-Demand Capacity Reservations",
    "a node that does not run yet is asked for until there is capacity; only a reservation assures on-demand capacity",
)
SPOT = Source(
    "Amazon EC2 user guide, Spot Instances",
    "capacity is taken back with a notice of 2 minutes, best effort, and may be unavailable for any time",
)
RUNNING_FLOOR = Source(
    "Amazon EKS user guide, managed node groups and static capacity node pools",
    "scalingConfig.minSize, or the replicas of a static pool, which no zone is sure of its share of: nodes that run "
    "whatever the demand is",
)
NODE_GROUP_ZONES = Source(
    "Amazon EC2 Auto Scaling user guide", "distribution over zones: balanced, best effort, and rebalanced"
)
RESERVATION = Source(
    "Amazon EC2 user guide, On-Demand Capacity Reservations",
    "capacity of one instance type in one zone, for as long as the reservation is active",
)
NODE_BOOT = Source(
    "public measurements of Karpenter on EKS",
    "a node is ready after 41-58 s (CPU), an accelerated one boots in 80-120 s; a batch closes after 10 s at most",
)
NODE_REPAIR = Source(
    "Amazon EKS user guide, node auto repair",
    "a node that is not Ready is replaced after 30 minutes; always on in Auto Mode, by nodeRepairConfig in node groups",
)
QUOTA = Source("Service Quotas, Amazon EC2", "vCPUs of running instances by instance class and region")
COLD_START = Source(
    "derived from the settings", "bytes of image and weights at the rate of the disk or network, and the engine's start"
)
DISK_RATE = Source(
    "AWS CDK reference, EbsDeviceOptionsBase.throughput", "gp3 volumes: 125 MiB/s unless more is provisioned"
)
IMAGE_PULL = Source(
    "kaito-project/kaito issue 2325", "pulling the image of a language model server: 101 s of a cold start of 966 s"
)
DECLARED = Source(
    "the team's own figure", "annotations stanchion.dev/image-bytes, weight-bytes, engine-init, load-rate"
)
EBS = Source("Amazon EBS, durability", "a volume is replicated within its zone; annual failure rate 0.1-0.2 % (gp3)")
EFS = Source("Amazon EFS user guide", "a Regional file system is stored in several zones, a One Zone one in one")
