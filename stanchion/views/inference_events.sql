-- Attempts, each once: of the copies of an event the one that arrived last.
--
-- All fields of the event, and
--   began_at when the attempt began, UTC
--   cost_usd estimate in USD; null when the price was not known
SELECT
    event_id, ts, env, region, account, gateway, endpoint, use_case, team, key_id, user_hash, hash_key_id,
    request_id, parent_request_id, attempt, final, rung, slot, variant, model_version, prompt_version, experiment,
    cache_source_id, status, http_status, error_class, latency_ms, first_token_ms, busy_ms, tokens_in, tokens_out,
    pool, capacity_type, unit_price_version, cost_estimate, features, prediction, sample_weight, groups,
    schema_version, dt,
    CAST(from_unixtime(ts) AS timestamp) AS began_at,
    CASE WHEN unit_price_version = 'unknown' THEN NULL ELSE cost_estimate END AS cost_usd
FROM (
    SELECT raw.*, row_number() OVER (PARTITION BY event_id ORDER BY dt DESC) AS copy
    FROM ${events} AS raw
    WHERE kind = 'inference'
) AS copies
WHERE copy = 1
