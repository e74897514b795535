-- What was said of answers, each once, beside the request that it is about.
--
-- Of a request that has not arrived yet, or is not kept any more, only what was said is there.
--   event_id, said_at       which feedback, and when it was given, UTC
--   request_id              the request that it is about
--   endpoint                of the request; of the feedback where the request is not there
--   said_by                 the team whose key gave it
--   source                  `user`, `reviewer`, `ground_truth` or `ticket`
--   score                   -1 to 1; null when no judgement is in it
--   label                   what it should have been; empty when it says nothing of that
--   comment
--   model_version, rung, status, experiment, use_case, team, began_at   of the request; null where it is not there
SELECT
    said.event_id AS event_id,
    CAST(from_unixtime(said.ts) AS timestamp) AS said_at,
    said.request_id AS request_id,
    coalesce(request.endpoint, said.endpoint) AS endpoint,
    said.team AS said_by,
    said.source AS source,
    said.score AS score,
    said.label AS label,
    said.comment AS comment,
    request.model_version AS model_version,
    request.rung AS rung,
    request.status AS status,
    request.experiment AS experiment,
    request.use_case AS use_case,
    request.team AS team,
    request.began_at AS began_at
FROM (
    SELECT raw.*, row_number() OVER (PARTITION BY event_id ORDER BY dt DESC) AS copy
    FROM ${events} AS raw
    WHERE kind = 'feedback'
) AS said
LEFT JOIN ${requests} AS request ON request.request_id = said.request_id
WHERE said.copy = 1
