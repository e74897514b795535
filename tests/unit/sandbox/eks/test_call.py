from sandbox.eks.call import Call, page
from sandbox.eks.records import Records
from tests.unit.sandbox.eks.service import StubNetwork, StubPlanes


def test_a_long_list_comes_in_pages():
    names = [f"n{number}" for number in range(5)]
    seen: list[str] = []
    parameters = {"maxResults": 2}
    while True:
        call = Call("us-east-1", parameters, Records(), StubNetwork(), StubPlanes())
        answer = page(call, "nodegroups", names)
        seen += answer["nodegroups"]
        assert len(answer["nodegroups"]) <= 2
        if "nextToken" not in answer:
            break
        parameters = {"maxResults": 2, "nextToken": answer["nextToken"]}
    assert seen == names
