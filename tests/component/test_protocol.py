"""What servers are started with, by kind."""

from components.serving.protocol import PROTOCOLS, Kind, arguments, command, environment


def test_a_language_model_serves_the_files_that_were_fetched_under_its_own_name() -> None:
    assert command(Kind.LLM) == ["vllm", "serve", "$(STANCHION_WEIGHTS_PATH)"]
    words = arguments(Kind.LLM, "support-llm", 16, 1, [])
    assert words[words.index("--served-model-name") + 1] == "support-llm"
    assert words[words.index("--max-num-seqs") + 1] == "16"
    assert words[words.index("--port") + 1] == str(PROTOCOLS[Kind.LLM].port)
    assert "--tensor-parallel-size" not in words


def test_several_accelerators_share_a_language_model() -> None:
    words = arguments(Kind.LLM, "m", 16, 4, [])
    assert words[words.index("--tensor-parallel-size") + 1] == "4"


def test_what_the_variant_says_comes_last() -> None:
    assert arguments(Kind.LLM, "m", 16, 1, ["--max-num-seqs", "8"])[-2:] == ["--max-num-seqs", "8"]


def test_a_predictor_starts_as_its_image_does() -> None:
    assert command(Kind.PREDICTOR) is None
    assert arguments(Kind.PREDICTOR, "m", 16, 2, ["--model", "$(STANCHION_WEIGHTS_PATH)"]) == [
        "--model",
        "$(STANCHION_WEIGHTS_PATH)",
    ]


def test_each_kind_is_asked_by_its_own_protocol() -> None:
    assert (PROTOCOLS[Kind.LLM].ready_path, PROTOCOLS[Kind.LLM].port) == ("/health", 8000)
    predictor = PROTOCOLS[Kind.PREDICTOR]
    assert (predictor.ready_path, predictor.live_path) == ("/v2/health/ready", "/v2/health/live")


def test_caches_lie_where_a_server_may_write() -> None:
    for kind in Kind:
        paths = [value for value in environment(kind).values() if value.startswith("/")]
        assert paths
        assert all(path == "/tmp" or path.startswith("/tmp/") for path in paths)
    assert environment(Kind.LLM)["HF_HUB_OFFLINE"] == "1", "weights come from the bucket and from nowhere else"
