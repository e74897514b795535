"""The gateways' metrics in CloudWatch, by name: what a gateway sends is what alarms are declared on.

Every gateway of a region sends the same metrics, once a minute, in `NAMESPACE` of its region. So sums are over all
gateways of the region, and a maximum is of the one that is worst off. No value at all means that no gateway sends: an
alarm that has to notice this treats missing data as breaching.

Of an endpoint, with the dimensions (`Environment`, `Endpoint`):

| metric | unit | statistic | meaning |
|---|---|---|---|
| `Requests` | Count | Sum | requests that count for availability and ended in this minute, `Errors` among them |
| `Errors` | Count | Sum, Average | of these, the bad ones of `stanchion/views/requests.sql`: error, timeout, shed |
| `Latency` | Milliseconds | p50, p95, p99 | of answered requests: first attempt's begin to last byte, as in that view |
| `FirstByte` | Milliseconds | p50, p95, p99 | of the same requests, until the answer began: what `slo.p95` promises |
| `BelowFull` | Count | Sum, Average | of answered requests, those whose rung is not the first of the ladder |
| `Rung` | None | Maximum | place on its ladder where the endpoint stands now: 0 is the best rung |

Of `Errors` and `BelowFull` each request is a sample of one or zero, so that the average is a share; a minute without
requests is a single zero.

Of a tier, (`Environment`, `Tier`): `Shed`, Count, Sum: requests turned away because there was too much to do.

Of the gateways themselves, (`Environment`):

| metric | unit | statistic | meaning |
|---|---|---|---|
| `SpoolBytes` | Bytes | Maximum | events on disk that wait to be sent |
| `EventsLost` | Count | Sum | events that will never be sent, lost in this minute |
| `TicketsUnannounced` | Count | Sum | tickets that the queue was not told of in this minute; they are in the table |
| `RoutingAge` | Seconds | Maximum | since AppConfig answered last, or since the gateway's start if it never did |

Of what gateways depend on, (`Environment`, `Store`), where the store is one of `STORES`: `StoreGoneSeconds`, Seconds,
Maximum: for how long it has not answered; 0 while it does.

Refused requests, a quota or limit of the caller's, and those whose client left count for none of these, as in the view.
"""

NAMESPACE = "Stanchion/Gateway"
# Between two puts of one gateway; alarms on these metrics have no shorter period.
PERIOD_SECONDS = 60

# Dimensions.
ENVIRONMENT = "Environment"
ENDPOINT = "Endpoint"
TIER = "Tier"
STORE = "Store"

# Of an endpoint.
REQUESTS = "Requests"
ERRORS = "Errors"
LATENCY = "Latency"
FIRST_BYTE = "FirstByte"
BELOW_FULL = "BelowFull"
RUNG = "Rung"
# Of a tier.
SHED = "Shed"
# Of the gateways.
SPOOL_BYTES = "SpoolBytes"
EVENTS_LOST = "EventsLost"
TICKETS_UNANNOUNCED = "TicketsUnannounced"
ROUTING_AGE = "RoutingAge"
# Of a store.
STORE_GONE_SECONDS = "StoreGoneSeconds"
# Values of the dimension `Store`. `cache` is there only where an endpoint has a cache.
QUOTAS, KEYS, CACHE = "quotas", "keys", "cache"
STORES = (QUOTAS, KEYS, CACHE)

# As CloudWatch spells them; an alarm that names a unit has to name this one.
UNITS = {
    REQUESTS: "Count",
    ERRORS: "Count",
    LATENCY: "Milliseconds",
    FIRST_BYTE: "Milliseconds",
    BELOW_FULL: "Count",
    RUNG: "None",
    SHED: "Count",
    SPOOL_BYTES: "Bytes",
    EVENTS_LOST: "Count",
    TICKETS_UNANNOUNCED: "Count",
    ROUTING_AGE: "Seconds",
    STORE_GONE_SECONDS: "Seconds",
}
