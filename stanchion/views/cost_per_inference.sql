-- What a request costs, by endpoint, rung and day.
--
--   endpoint, rung, day  the day in UTC; the rung that answered
--   requests             how many
--   cost_usd             of those attempts whose price was known, in USD
--   usd_per_inference    mean in USD of the requests all of whose prices were known; null when there were none
--   unpriced             requests of which some price was not known
SELECT
    endpoint,
    rung,
    CAST(began_at AS date) AS day,
    count(*) AS requests,
    sum(cost_usd) AS cost_usd,
    avg(CASE WHEN unpriced = 0 THEN cost_usd END) AS usd_per_inference,
    sum(CASE WHEN unpriced > 0 THEN 1 ELSE 0 END) AS unpriced
FROM ${requests} AS request
GROUP BY endpoint, rung, CAST(began_at AS date)
