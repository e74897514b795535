"""A small good document that serves models, and what is said when something in it is changed."""

from tests.unit.spec import documents
from tests.unit.spec.documents import GOOD as FOUNDATION

FULL = "a" * 64
QUANTIZED = "b" * 64
SUMS = "c" * 64
GATEWAY = "d" * 64

GOOD = (
    FOUNDATION.replace(
        "    decide: {region: auto}\n",
        "    decide: {region: auto}\n"
        "  standard: {rto: 4h, rpo: 6h, decide: {region: 30m}}\n"
        "  batch: {rto: 24h, rpo: 24h, decide: {region: 4h}}\n",
    )
    + f"""\
capacity:
  administrators: [deploy]
  pools:
    general:
      families: [m7i, m7a, m6i, m6a, c7i]
      sizes: [xlarge, 2xlarge, 4xlarge]
      floor_per_zone: 1
      burst_cpu: 64
    gpu:
      accelerator: nvidia
      families: [g6e, g6, g5]
      sizes: [2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge]
      floor_per_zone: 1
      burst_cpu: 128
      disk: 200GiB
models:
  support-llm:
    variants:
      full:
        image: models@sha256:{FULL}
        weights: {{prefix: support-llm/full, size: 16GiB, sha256: {SUMS}}}
        image_size: 8GiB
        resources: {{cpu: "6", memory: 24GiB, accelerators: 1}}
        pool: gpu
        start: 195s
        concurrency: 16
      quantized:
        image: models@sha256:{QUANTIZED}
        weights: {{prefix: support-llm/int4, size: 5GiB, sha256: {SUMS}}}
        image_size: 8GiB
        resources: {{cpu: "4", memory: 16GiB, accelerators: 1}}
        pool: gpu
        start: 80s
        concurrency: 32
  churn:
    variants:
      full:
        image: models@sha256:{FULL}
        weights: {{prefix: churn/full, size: 300MiB, sha256: {SUMS}}}
        image_size: 900MiB
        resources: {{cpu: "1", memory: 3GiB}}
        pool: general
        start: 12s
        concurrency: 8
endpoints:
  assistant:
    tier: critical
    use_case: customer-support
    kind: llm
    model: support-llm
    ladder: [full, quantized, cached]
    capacity: {{floor: 2, max: 20, spot: true}}
    standby: {{floor: 1, rung: quantized}}
    slo: {{availability: 99.9, p95: 1500ms}}
  churn-risk:
    tier: standard
    use_case: retention
    kind: predictor
    model: churn
    capacity: {{floor: 1, max: 6}}
  nightly:
    tier: batch
    use_case: retention
    kind: batch
    model: churn
    input: {{bucket: curated, prefix: nightly/in}}
    output: {{bucket: curated, prefix: nightly/out}}
    command: [score]
    schedule: "cron(0 3 * * ? *)"
gateway:
  image: gateway@sha256:{GATEWAY}
entry:
  certificates:
    primary: arn:aws:acm:us-east-1:111122223333:certificate/one
    standby: arn:aws:acm:us-west-2:111122223333:certificate/two
  hostnames: {{critical: critical.example.com, standard: standard.example.com}}
  allowed_cidrs: [198.51.100.0/24]
"""
)


def line_of(fragment: str, text: str = GOOD) -> int:
    """The line that begins with a fragment, blanks aside; it must be the only one."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith(fragment)]
    assert len(lines) == 1, f"'{fragment}' begins {len(lines)} lines"
    return lines[0]


def changed(*replacements: tuple[str, str]) -> str:
    """The good document with some places changed, each of which is there once."""
    text = GOOD
    for old, new in replacements:
        assert text.count(old) == 1, f"'{old}' is there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def refused(text: str, key: str, *words: str) -> None:
    """Assert that one thing is wrong with a text: which key, on the line where it is written, in which words."""
    problem = documents.only_problem(text)
    assert problem.key == key, str(problem)
    assert problem.line is not None
    documents.says(problem, line=problem.line, key=key, words=words)
    written = text.splitlines()[problem.line - 1]
    path = key.replace("[", ".").split(".")
    # What is not written stands where its mapping does, which names one of the keys above.
    assert any(f"{part}:" in written for part in path), f"{problem} is not on its line: {written}"
