-- Requests, each once, by the attempt whose answer or refusal the client got. Latency and availability are defined here
-- and nowhere else.
--
-- A request whose last attempt has not arrived yet is not there.
--   request_id, endpoint, use_case, team, key_id, user_hash, region, experiment
--   began_at      when its first attempt began, UTC
--   rung, status, http_status, model_version   of the last attempt
--   good          true for `answered`, `cached` and `ticket`; false for `error`, `timeout` and `shed`, which are the
--                 platform's failures; null for `refused`, a quota or limit of the caller's, and `cancelled`, the
--                 caller's leaving, which count neither way
--   latency_ms    from the begin of the first attempt to the last byte of the last one
--   first_byte_ms from the begin of the first attempt to the first byte of the last one; null when there was none
--   attempts      how many
--   tokens_in, tokens_out of all attempts
--   cost_usd      of all attempts whose price was known, in USD
--   unpriced      attempts whose price was not known
SELECT
    request_id, endpoint, use_case, team, key_id, user_hash, region, experiment, began_at, rung, status, http_status,
    model_version,
    CASE
        WHEN status IN ('answered', 'cached', 'ticket') THEN true
        WHEN status IN ('error', 'timeout', 'shed') THEN false
    END AS good,
    1E3 * (ended - began) AS latency_ms,
    1E3 * (first_byte - began) AS first_byte_ms,
    attempts, tokens_in, tokens_out, cost_usd, unpriced
FROM (
    SELECT
        request_id,
        max(endpoint) AS endpoint,
        max(use_case) AS use_case,
        max(team) AS team,
        max(key_id) AS key_id,
        max(user_hash) AS user_hash,
        max(region) AS region,
        max(CASE WHEN final THEN experiment END) AS experiment,
        min(began_at) AS began_at,
        max(CASE WHEN final THEN rung END) AS rung,
        max(CASE WHEN final THEN status END) AS status,
        max(CASE WHEN final THEN http_status END) AS http_status,
        max(CASE WHEN final THEN model_version END) AS model_version,
        min(ts) AS began,
        max(ts + latency_ms / 1E3) AS ended,
        max(CASE WHEN final AND first_token_ms > 0 THEN ts + first_token_ms / 1E3 END) AS first_byte,
        count(*) AS attempts,
        sum(tokens_in) AS tokens_in,
        sum(tokens_out) AS tokens_out,
        coalesce(sum(cost_usd), 0E0) AS cost_usd,
        sum(CASE WHEN cost_usd IS NULL THEN 1 ELSE 0 END) AS unpriced
    FROM ${inference_events} AS attempt_of
    GROUP BY request_id
) AS request
WHERE status IS NOT NULL
