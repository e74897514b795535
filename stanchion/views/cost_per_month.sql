-- What each endpoint costs a month, and how that changes.
--
--   month              its first day in UTC
--   endpoint
--   requests           how many
--   cost_usd           of those attempts whose price was known, in USD
--   unpriced           requests of which some price was not known
--   previous_usd       cost of the month before; null when there was none
--   change             from the month before, as a share of it: 0.1 for a tenth more; null when that had no cost
SELECT
    month, endpoint, requests, cost_usd, unpriced, previous_usd,
    (cost_usd - previous_usd) / nullif(previous_usd, 0E0) AS change
FROM (
    SELECT
        month, endpoint, requests, cost_usd, unpriced,
        CASE
            WHEN lag(month) OVER (PARTITION BY endpoint ORDER BY month)
                = CAST(date_add('month', -1, month) AS date)
            THEN lag(cost_usd) OVER (PARTITION BY endpoint ORDER BY month)
        END AS previous_usd
    FROM (
        SELECT
            CAST(date_trunc('month', began_at) AS date) AS month,
            endpoint,
            count(*) AS requests,
            sum(cost_usd) AS cost_usd,
            sum(CASE WHEN unpriced > 0 THEN 1 ELSE 0 END) AS unpriced
        FROM ${requests} AS request
        GROUP BY CAST(date_trunc('month', began_at) AS date), endpoint
    ) AS monthly
) AS beside
