-- Versions of a model side by side, by endpoint, experiment and day: of attempts and not of requests, so that a version
-- is not credited with the answer of the one that stood in for it.
--
--   endpoint, experiment, variant, slot, model_version
--   day                 in UTC
--   attempts, users     how many, and how many different users are behind them
--   answered            share of the attempts that count which got an answer, 0 to 1; `refused` and `cancelled` do not
--   p50_ms, p95_ms      of answered attempts, to their last byte, approximate
--   usd_per_attempt     mean in USD of attempts whose price was known
--   tokens_out_per_second   while replicas were busy; null where nothing is counted in tokens
SELECT
    endpoint, experiment, variant, slot, model_version,
    CAST(began_at AS date) AS day,
    count(*) AS attempts,
    count(DISTINCT nullif(user_hash, '')) AS users,
    1E0 * sum(CASE WHEN status = 'answered' THEN 1 ELSE 0 END)
        / nullif(sum(CASE WHEN status IN ('refused', 'cancelled') THEN 0 ELSE 1 END), 0) AS answered,
    approx_percentile(CASE WHEN status = 'answered' THEN latency_ms END, 0.5E0) AS p50_ms,
    approx_percentile(CASE WHEN status = 'answered' THEN latency_ms END, 0.95E0) AS p95_ms,
    avg(cost_usd) AS usd_per_attempt,
    1E3 * nullif(sum(tokens_out), 0) / nullif(sum(busy_ms), 0E0) AS tokens_out_per_second
FROM ${inference_events} AS attempt_of
WHERE slot <> ''
GROUP BY endpoint, experiment, variant, slot, model_version, CAST(began_at AS date)
