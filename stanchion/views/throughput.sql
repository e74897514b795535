-- How much was asked, by endpoint and hour.
--
--   endpoint, hour         the hour in UTC in which the requests began
--   requests, attempts     how many
--   requests_per_second, tokens_per_second   means over the whole hour, whether it is over or not
--   tokens_in, tokens_out  sums
SELECT
    endpoint,
    date_trunc('hour', began_at) AS hour,
    count(*) AS requests,
    sum(attempts) AS attempts,
    count(*) / 3.6E3 AS requests_per_second,
    sum(tokens_in + tokens_out) / 3.6E3 AS tokens_per_second,
    sum(tokens_in) AS tokens_in,
    sum(tokens_out) AS tokens_out
FROM ${requests} AS request
GROUP BY endpoint, date_trunc('hour', began_at)
