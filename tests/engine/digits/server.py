"""Serves a model by the Open Inference Protocol: `python -m tests.engine.digits.server PORT NAME FILE`."""

import json
import sys
from typing import Any

import numpy as np
import onnxruntime
import uvicorn

LENGTH = b"inference-header-content-length"


class Server:
    """ASGI: metadata, readiness and inference of one model, tensors in JSON or behind it."""

    def __init__(self, name: str, file: str) -> None:
        self.name = name
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path, body = scope["path"], b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = dict(scope["headers"])
        if path == f"/v2/models/{self.name}/infer":
            await answer(send, 200, *self.infer(body, headers.get(LENGTH)))
        elif path == f"/v2/models/{self.name}":
            tensors = {
                "inputs": [{"name": "pixels", "datatype": "FP32", "shape": [-1, 64]}],
                "outputs": [{"name": "digit", "datatype": "INT64", "shape": [-1]}],
            }
            document = {"name": self.name, "versions": ["1"], "platform": "onnx", **tensors}
            await answer(send, 200, json.dumps(document).encode())
        elif path in (f"/v2/models/{self.name}/ready", "/v2/health/ready", "/v2/health/live"):
            await answer(send, 200, b"{}")
        else:
            await answer(send, 404, b'{"error": "there is no such model"}')

    def infer(self, body: bytes, length: bytes | None) -> tuple[bytes, int | None]:
        text = body[: int(length)] if length else body
        asked = json.loads(text)
        [tensor] = asked["inputs"]
        if "data" in tensor:
            pixels = np.asarray(tensor["data"], dtype=np.float32).reshape(tensor["shape"])
        else:
            pixels = np.frombuffer(body[len(text) :], dtype=np.float32).reshape(tensor["shape"])
        digits = np.asarray(self.session.run(None, {self.input: pixels})[0], dtype=np.int64)
        output: dict[str, Any] = {"name": "digit", "datatype": "INT64", "shape": list(digits.shape)}
        wanted = {"binary_data": False}
        for each in asked.get("outputs", []):
            wanted = each.get("parameters", wanted)
        binary = wanted.get("binary_data") or asked.get("parameters", {}).get("binary_data_output")
        document = {"model_name": self.name, "model_version": "1", "id": asked.get("id", ""), "outputs": [output]}
        if not binary:
            output["data"] = digits.tolist()
            return json.dumps(document).encode(), None
        output["parameters"] = {"binary_data_size": digits.nbytes}
        head = json.dumps(document).encode()
        return head + digits.tobytes(), len(head)


async def answer(send: Any, status: int, body: bytes, length: int | None = None) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if length is not None:
        headers.append((LENGTH, str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    port, name, file = sys.argv[1:]
    uvicorn.run(Server(name, file), host="127.0.0.1", port=int(port), log_level="warning", lifespan="off")
