-- What was asked and what became of it, by minute and region: of each endpoint, and of its parts by use case, team and
-- rung. The minute aggregate asks it of what arrived last (`rendering.over_arrivals`).
--
-- Sums of a part add up over parts, minutes and endpoints. Percentiles add up over nothing: those of an endpoint's
-- minute are in its own row.
--   minute, region, endpoint  the minute in UTC in which the requests began; the region of the gateways
--   use_case, team, rung      of a part; all three are null in the row of a whole endpoint
--   requests                  how many
--   answered, errors          of these, the good and the bad ones; the others are refused or cancelled
--   attempts, tokens_in, tokens_out   sums
--   usd                       of those attempts whose price was known
--   unpriced                  attempts whose price was not known
--   p50_ms, p95_ms, p99_ms    latency of the good ones, approximate; null when there were none
SELECT
    minute, region, endpoint, use_case, team, rung,
    count(*) AS requests,
    sum(CASE WHEN good THEN 1 ELSE 0 END) AS answered,
    sum(CASE WHEN NOT good THEN 1 ELSE 0 END) AS errors,
    sum(attempts) AS attempts,
    sum(tokens_in) AS tokens_in,
    sum(tokens_out) AS tokens_out,
    sum(cost_usd) AS usd,
    sum(unpriced) AS unpriced,
    approx_percentile(CASE WHEN good THEN latency_ms END, 0.5E0) AS p50_ms,
    approx_percentile(CASE WHEN good THEN latency_ms END, 0.95E0) AS p95_ms,
    approx_percentile(CASE WHEN good THEN latency_ms END, 0.99E0) AS p99_ms
FROM (
    SELECT
        date_trunc('minute', began_at) AS minute,
        region, endpoint, coalesce(use_case, '') AS use_case, coalesce(team, '') AS team, rung,
        good, attempts, tokens_in, tokens_out, cost_usd, unpriced, latency_ms
    FROM ${requests} AS request
) AS by_minute
GROUP BY GROUPING SETS ((minute, region, endpoint), (minute, region, endpoint, use_case, team, rung))
