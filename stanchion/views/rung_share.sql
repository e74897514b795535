-- Which rung answered how often, by endpoint and hour.
--
--   endpoint, hour  the hour in UTC in which the requests began
--   rung            that answered
--   requests        how many got an answer, or a ticket, of this rung
--   share           of all that got one, 0 to 1
SELECT
    endpoint,
    date_trunc('hour', began_at) AS hour,
    rung,
    count(*) AS requests,
    1E0 * count(*) / sum(count(*)) OVER (PARTITION BY endpoint, date_trunc('hour', began_at)) AS share
FROM ${requests} AS request
WHERE good
GROUP BY endpoint, date_trunc('hour', began_at), rung
