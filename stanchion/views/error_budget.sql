-- What is left of the failures that the objective allows, by endpoint and month.
--
--   endpoint, month  the first day of the month in UTC
--   objective        percent of requests that have to be good, from the environment document
--   counted, bad     requests that count, and that were bad
--   allowed          bad ones that the objective allows of so many
--   budget_left      share of the allowed ones that is left: 1 for all, 0 for none, below 0 when there were more
SELECT
    endpoint, month, objective, counted, bad,
    counted * (1E2 - objective) / 1E2 AS allowed,
    1E0 - bad / nullif(counted * (1E2 - objective) / 1E2, 0E0) AS budget_left
FROM (
    SELECT
        request.endpoint AS endpoint,
        CAST(date_trunc('month', request.began_at) AS date) AS month,
        max(slo.objective) AS objective,
        count(request.good) AS counted,
        sum(CASE WHEN NOT request.good THEN 1 ELSE 0 END) AS bad
    FROM ${requests} AS request
    JOIN (${objectives}) AS slo ON slo.endpoint = request.endpoint
    GROUP BY request.endpoint, CAST(date_trunc('month', request.began_at) AS date)
) AS monthly
