"""Requests whose outcome, latency and cost are known, and the events that gateways would have written of them.

Some attempts arrive twice, on the day after as well, and feedback lies between them. Everything follows from a
request's number, so that the same requests are made each time.
"""

# The SQL is of this file's own text.
# ruff: noqa: S608

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from stanchion.events.table import HOUR, PARTITION, columns

DAYS, ENDPOINTS = 61, 20
BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=DAYS)
# What becomes of each request; `r` is a number below n that looks like chance and is always the same.
REQUEST = f"""
CREATE MACRO r(i, k, n) AS (hash(i, k) % n)::BIGINT;
CREATE MACRO price_known(i, a) AS r(i, 50 + a, 100) > 0;
CREATE MACRO usd(i, a) AS CASE WHEN price_known(i, a) THEN r(i, 40 + a, 2000) / 1e6 ELSE 0 END;
CREATE TABLE request AS
SELECT
    *,
    -- Of all attempts.
    l0 + CASE WHEN attempts > 1 THEN l1 ELSE 0 END + CASE WHEN attempts > 2 THEN l2 ELSE 0 END AS latency_ms,
    l0 * (attempts > 1)::INT + l1 * (attempts > 2)::INT + [l0, l1, l2][attempts] / 2 AS first_byte_ms,
    usd(i, 0) + usd(i, 1) * (attempts > 1)::INT + usd(i, 2) * (attempts > 2)::INT AS cost_usd,
    (NOT price_known(i, 0))::INT + (NOT price_known(i, 1) AND attempts > 1)::INT
        + (NOT price_known(i, 2) AND attempts > 2)::INT AS unpriced,
    r(i, 20, 500) + r(i, 21, 500) * (attempts > 1)::INT + r(i, 22, 500) * (attempts > 2)::INT AS tokens_out,
    r(i, 30, 900) + r(i, 31, 900) * (attempts > 1)::INT + r(i, 32, 900) * (attempts > 2)::INT AS tokens_in,
    CASE
        WHEN status IN ('answered', 'cached', 'ticket') THEN true
        WHEN status IN ('error', 'timeout', 'shed') THEN false
    END AS good,
    CASE status WHEN 'cached' THEN 'cached' WHEN 'ticket' THEN 'human'
        ELSE CASE WHEN attempts > 1 THEN 'quantized' ELSE 'full' END END AS rung,
    'v' || 1 + r(i, 10 + attempts - 1, 3) AS model_version,
    make_timestamp((1e6 * began)::BIGINT) AS began_at,
FROM (
    SELECT
        *, CASE WHEN status IN ('refused', 'shed') OR many < 80 THEN 1 WHEN many < 95 THEN 2 ELSE 3 END AS attempts
    FROM (
        SELECT
            i, md5(i::VARCHAR) AS request_id,
            'endpoint-' || lpad(r(i, 1, {ENDPOINTS})::VARCHAR, 2, '0') AS endpoint,
            'use-case-' || r(i, 1, {ENDPOINTS}) % 5 AS use_case,
            'team-' || r(i, 2, 20000) % 8 AS team,
            CASE r(i, 2, 20000) WHEN 0 THEN '' ELSE 'u' || r(i, 2, 20000) END AS user_hash,
            CASE WHEN r(i, 1, {ENDPOINTS}) % 4 = 0 THEN 'x-1' ELSE '' END AS experiment,
            {BEGIN.timestamp()} + (i * {DAYS * 86_400_000.0} / $requests)::BIGINT / 1e3 AS began,
            r(i, 5, 100) AS many,
            20 + r(i, 6, 40000) / 100 AS l0, 20 + r(i, 7, 80000) / 100 AS l1, 20 + r(i, 8, 80000) / 100 AS l2,
            CASE
                WHEN r(i, 4, 1000) < 930 THEN 'answered' WHEN r(i, 4, 1000) < 950 THEN 'cached'
                WHEN r(i, 4, 1000) < 955 THEN 'ticket' WHEN r(i, 4, 1000) < 970 THEN 'error'
                WHEN r(i, 4, 1000) < 975 THEN 'timeout' WHEN r(i, 4, 1000) < 990 THEN 'refused'
                WHEN r(i, 4, 1000) < 993 THEN 'shed' ELSE 'cancelled'
            END AS status
        FROM range($requests) AS t (i)
    )
);
CREATE VIEW attempt AS
SELECT
    i, a, request_id, endpoint, use_case, team, user_hash, experiment, rung AS last_rung,
    a = attempts - 1 AS final,
    began + (CASE a WHEN 0 THEN 0 WHEN 1 THEN l0 ELSE l0 + l1 END) / 1e3 AS ts,
    [l0, l1, l2][a + 1] AS latency_ms,
    CASE WHEN final THEN status ELSE 'error' END AS status,
    CASE WHEN final THEN rung WHEN a = 0 THEN 'full' ELSE 'quantized' END AS rung,
    CASE WHEN final AND status IN ('cached', 'ticket', 'refused', 'shed') THEN ''
        WHEN r(i, 9, 10) = 0 THEN 'green' ELSE 'blue' END AS slot,
    'v' || 1 + r(i, 10 + a, 3) AS model_version,
FROM request JOIN (VALUES (0), (1), (2)) AS t (a) ON a < attempts;
"""
# How an attempt and a piece of feedback are told as events, where it is not by the column's own name.
TOLD = {
    "event_id": "request_id || '-' || a", "env": "'bench'", "region": "'us-east-1'", "account": "'111122223333'",
    "gateway": "'g-' || r(i, 70, 6)", "key_id": "'k-' || team", "hash_key_id": "'h1'", "attempt": "a",
    "variant": "CASE a WHEN 0 THEN 'full' ELSE 'quantized' END", "http_status": "200",
    "first_token_ms": "CASE WHEN final AND status = 'answered' THEN latency_ms / 2 ELSE 0 END", "busy_ms": "latency_ms",
    "tokens_in": "r(i, 30 + a, 900)", "tokens_out": "r(i, 20 + a, 500)", "pool": "'gpu'", "capacity_type": "'spot'",
    "unit_price_version": "CASE WHEN price_known(i, a) THEN '2026-11-27' ELSE 'unknown' END",
    "cost_estimate": "r(i, 40 + a, 2000) / 1e6", "schema_version": "'1.0'", "kind": "'inference'",
    "prediction": "CASE WHEN r(i, 71, 100) = 0 THEN repeat('word ', 50) ELSE '' END",
    "sample_weight": "CASE WHEN r(i, 71, 100) = 0 THEN 100 ELSE 0 END",
}  # fmt: skip
SAID = {
    "event_id": "'f-' || request_id", "ts": "began + 3600", "env": "'bench'", "region": "'us-east-1'",
    "account": "'111122223333'", "endpoint": "endpoint", "request_id": "request_id", "team": "'audit'",
    "key_id": "'k-audit'", "source": "'user'", "score": "r(i, 61, 3) - 1", "label": "''", "comment": "''",
    "schema_version": "'1.0'", "kind": "'feedback'",
}  # fmt: skip
OF_ATTEMPTS = {
    "ts", "endpoint", "use_case", "team", "user_hash", "experiment", "request_id", "final", "rung", "slot",
    "model_version", "status", "latency_ms",
}  # fmt: skip


def make(connection: duckdb.DuckDBPyConnection, requests: int) -> None:
    """The table `request` and the view `attempt`."""
    for statement in REQUEST.split(";\n"):
        if statement.strip():
            connection.execute(statement, {"requests": requests} if "$requests" in statement else None)


def write(connection: duckdb.DuckDBPyConnection, folder: Path, requests: int) -> None:
    """The events, in Parquet, by the day and hour of arrival.

    Args:
        connection: in which `make` was.
        folder: that is not there yet.
        requests: as many as were made.
    """
    inference = ", ".join(f"{_told(each.name, each.type)} AS {each.name}" for each in columns())
    feedback = ", ".join(f"({SAID.get(each.name, 'NULL')})::{_type(each.type)} AS {each.name}" for each in columns())

    def arrived(after_seconds: int) -> str:
        at = f"make_timestamp((1e6 * (ts + {after_seconds}))::BIGINT)"
        return f"strftime({at}, '%Y-%m-%d') AS {PARTITION}, strftime({at}, '%H') AS {HOUR}"

    # In parts of about a day, since a copy by partition keeps all of its rows in memory; and each thread has a file of
    # its own for each hour.
    connection.execute("SET threads = 1")
    for day in range(DAYS):
        part = f"i >= {requests * day // DAYS} AND i < {requests * (day + 1) // DAYS}"
        connection.execute(
            f"COPY (SELECT {inference}, {arrived(60)} FROM attempt WHERE {part} "
            f"UNION ALL SELECT {inference}, {arrived(86460)} FROM attempt WHERE {part} AND r(i, 72, 50) = 0 "
            f"UNION ALL SELECT {feedback}, {arrived(60)} FROM (SELECT *, began + 3600 AS ts FROM request) "
            f"WHERE {part} AND r(i, 60, 100) = 0) "
            f"TO '{folder}' (FORMAT parquet, PARTITION_BY ({PARTITION}, {HOUR}), APPEND)"
        )
    connection.execute("RESET threads")


def _told(name: str, type_: str) -> str:
    """A column of an attempt's event."""
    default = "''" if type_ == "string" and name not in SAID else "NULL"
    return f"({TOLD.get(name, name if name in OF_ATTEMPTS else default)})::{_type(type_)}"


def _type(athena: str) -> str:
    return "VARCHAR" if athena == "string" else athena.upper()
