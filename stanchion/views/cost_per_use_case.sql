-- What each use case costs, by day.
--
--   day                use case's day in UTC
--   use_case
--   requests, users    how many, and how many different users are behind them
--   cost_usd           of those attempts whose price was known, in USD
--   usd_per_inference  mean in USD of the requests all of whose prices were known; null when there were none
--   unpriced           requests of which some price was not known
SELECT
    CAST(began_at AS date) AS day,
    use_case,
    count(*) AS requests,
    count(DISTINCT nullif(user_hash, '')) AS users,
    sum(cost_usd) AS cost_usd,
    avg(CASE WHEN unpriced = 0 THEN cost_usd END) AS usd_per_inference,
    sum(CASE WHEN unpriced > 0 THEN 1 ELSE 0 END) AS unpriced
FROM ${requests} AS request
GROUP BY CAST(began_at AS date), use_case
