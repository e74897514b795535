-- Availability by endpoint and hour; what is good is defined in `requests`.
--
--   endpoint, hour     the hour in UTC in which the requests began
--   good, bad          requests that count
--   refused, cancelled requests that don't
--   availability       percent of those that count; null when none do
SELECT
    endpoint,
    date_trunc('hour', began_at) AS hour,
    sum(CASE WHEN good THEN 1 ELSE 0 END) AS good,
    sum(CASE WHEN NOT good THEN 1 ELSE 0 END) AS bad,
    sum(CASE WHEN status = 'refused' THEN 1 ELSE 0 END) AS refused,
    sum(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
    1E2 * sum(CASE WHEN good THEN 1 ELSE 0 END) / nullif(count(good), 0) AS availability
FROM ${requests} AS request
GROUP BY endpoint, date_trunc('hour', began_at)
