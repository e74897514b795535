"""Answers that come from no model: those from before, and those of people."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool

from stanchion.spec.addresses import DNS_NAME, LOOPBACK_HOSTS
from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.text import Form, distinct
from stanchion.spec.units import Duration, Size

_HOST = Form(
    f"^({'|'.join(each.replace('.', '[.]') for each in LOOPBACK_HOSTS)}|{DNS_NAME})$",
    "a hostname in small letters, such as answers.example.com",
    "leave out https:// and what comes after the name; each host is named by itself",
)


class CachedAnswers(Part):
    """What the rung `cached` gives: answers that the same question had before."""

    fresh: Duration = Field(
        default=Duration(0),
        description="How long an answer is given again without asking the model; 0s for never: then the cache serves "
        "on its own rung only.",
    )
    stale: Duration = Field(
        default=Duration(86400, "24h"), description="How long an answer may be given on the rung `cached`."
    )
    shared: StrictBool = Field(
        default=False, description="Whether the answer to one user may be given to another who asks the same."
    )
    largest: Size = Field(default=Size.parse("256KiB"), description="Largest answer that is kept.")

    def rules(self) -> Iterator[Broken]:
        """What is fresh is not stale yet, and the rung has something to give."""
        if self.stale < self.fresh:
            yield (
                "stale",
                Refusal(
                    f"'{self.stale}' is shorter than fresh: {self.fresh}, and an answer is fresh first",
                    allowed=f"{self.fresh} or longer",
                    fix=f"write {self.fresh}, or a shorter fresh",
                ),
            )
        elif self.stale.seconds == 0:
            yield (
                "stale",
                Refusal(
                    f"'{self.stale}' leaves the rung `cached` nothing to give",
                    allowed="a time above 0",
                    fix="write 24h, or take cached off the ladder",
                ),
            )


class HumanAnswers(Part):
    """What the rung `human` gives: a ticket, which somebody answers later."""

    answer_within: Duration = Field(
        default=Duration(4 * 3600), description="Time within which somebody answers a ticket; clients are told."
    )
    keep: Duration = Field(default=Duration(30 * 86400), description="How long a ticket and its answer are kept.")
    webhook_hosts: Annotated[list[Annotated[str, _HOST]], AfterValidator(distinct("host"))] = Field(
        default_factory=list,
        description="Hosts that answers may be sent to, over HTTPS; clients fetch theirs, unless said.",
    )

    def rules(self) -> Iterator[Broken]:
        """People need time, and what they write outlives it."""
        if self.answer_within.seconds == 0:
            yield (
                "answer_within",
                Refusal(f"'{self.answer_within}' leaves nobody any time", allowed="a time above 0", fix="write 4h"),
            )
        if self.keep < self.answer_within:
            yield (
                "keep",
                Refusal(
                    f"'{self.keep}' is shorter than answer_within: {self.answer_within}, so that tickets would go "
                    "before they are answered",
                    allowed=f"{self.answer_within} or longer",
                    fix="write 30d, or a shorter answer_within",
                ),
            )
