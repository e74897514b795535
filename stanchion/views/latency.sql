-- Latency of the requests that got an answer, by endpoint and hour.
--
--   endpoint, hour     the hour in UTC in which they began
--   requests           how many
--   p50_ms, p95_ms, p99_ms              to the last byte, approximate
--   first_byte_p50_ms, first_byte_p95_ms, first_byte_p99_ms   to the first byte, approximate
SELECT
    endpoint,
    date_trunc('hour', began_at) AS hour,
    count(*) AS requests,
    approx_percentile(latency_ms, 0.5E0) AS p50_ms,
    approx_percentile(latency_ms, 0.95E0) AS p95_ms,
    approx_percentile(latency_ms, 0.99E0) AS p99_ms,
    approx_percentile(first_byte_ms, 0.5E0) AS first_byte_p50_ms,
    approx_percentile(first_byte_ms, 0.95E0) AS first_byte_p95_ms,
    approx_percentile(first_byte_ms, 0.99E0) AS first_byte_p99_ms
FROM ${requests} AS request
WHERE good
GROUP BY endpoint, date_trunc('hour', began_at)
