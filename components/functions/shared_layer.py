"""What all functions of a region depend on, once."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.component import Component


@dataclass
class SharedLayerArgs:
    """Args of `SharedLayer`.

    Args:
        environment: the environment's name.
        archive: path of its ZIP file, as `stanchion.packaging` makes it.
        runtime: such as `python3.13`.
        architecture: `arm64` or `x86_64`.
    """

    environment: str
    archive: str
    runtime: str
    architecture: str


class SharedLayer(Component):
    """A layer with the pinned dependencies of functions, for one architecture and one version of Python.

    Cost: nothing; it counts to the 75 GB of code that a region holds without charge (Lambda quotas, from memory).
    Recovery: regional. It is made of files of the checkout and a package index; functions that run keep the version
        they have, also when it is deleted.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: SharedLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.layer = aws.lambda_.LayerVersion(
            f"{self.name}-layer",
            layer_name=f"{args.environment}-functions",
            description="What the functions of the platform depend on.",
            code=pulumi.FileArchive(args.archive),
            compatible_runtimes=[args.runtime],
            compatible_architectures=[args.architecture],
            opts=self.child(),
        )
        self.arn = self.layer.arn
        self.register_outputs({"arn": self.arn})
