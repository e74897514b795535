-- What each user costs, by month.
--
--   month                   its first day in UTC
--   team, use_case          whose key it was, and what for
--   user_hash               keyed hash; empty for requests without a user
--   requests, tokens_in, tokens_out
--   cost_usd                of those attempts whose price was known, in USD
--   unpriced                requests of which some price was not known
SELECT
    CAST(date_trunc('month', began_at) AS date) AS month,
    team,
    use_case,
    user_hash,
    count(*) AS requests,
    sum(tokens_in) AS tokens_in,
    sum(tokens_out) AS tokens_out,
    sum(cost_usd) AS cost_usd,
    sum(CASE WHEN unpriced > 0 THEN 1 ELSE 0 END) AS unpriced
FROM ${requests} AS request
GROUP BY CAST(date_trunc('month', began_at) AS date), team, use_case, user_hash
