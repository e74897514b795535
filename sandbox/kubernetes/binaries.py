"""The programs of a control plane, built from Go modules and kept in the user's cache."""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.builds.cache import Cache
from sandbox.builds.go import GoModule
from sandbox.errors import SandboxError

_MODULES = Path(__file__).resolve().parent / "modules"
_SMALLEST = "-s -w"
# Modules whose programs are told their version by the linker.
_VERSIONED = ("kubernetes", "kubectl")
# A folder beside the program.
DEFINITIONS = "definitions"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Binary:
    """A program that is built from a Go module.

    Args:
        name: of the executable.
        module: a folder of `modules/`.
        package: the command's import path; "" for definitions alone.
        required: the module that has the package, as go.mod requires it.
        minutes: what the build takes on 2 cores with cold caches (measured), for a person who waits.
        needed_gib: free space for module cache, build cache and program (measured, rounded up).
        drill: only asked for by drills and by people, not by a start.
        definitions: files of the module's source, by pattern, that define its own kinds; kept in `definitions`.
    """

    name: str
    module: str
    package: str
    required: str
    minutes: float
    needed_gib: int
    drill: bool = False
    definitions: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The version that go.mod pins."""
        return self._module().version_of(self.required)

    @property
    def source(self) -> str:
        """Changes with whatever the program is built from."""
        folder = _MODULES / self.module
        content = b"".join((folder / file).read_bytes() for file in ("go.mod", "go.sum"))
        return hashlib.sha256(content + " ".join([self.flags, *self.definitions]).encode()).hexdigest()[:8]

    @property
    def flags(self) -> str:
        """For the linker; without its version, the API server names a master branch."""
        if self.module not in _VERSIONED:
            return _SMALLEST
        package, (major, minor, _) = "k8s.io/component-base/version", self.version.split(".")
        told = {"gitVersion": f"v{self.version}", "gitMajor": major, "gitMinor": minor}
        return " ".join([_SMALLEST, *(f"-X {package}.{key}={value}" for key, value in told.items())])

    def build(self, target: Path, tell: Tell) -> None:
        """Build it into an empty folder of the cache.

        Raises:
            SandboxError: there is no Go, or no space.
            SandboxFailedError: the build failed; its last lines are in the message.
        """
        module = self._module()
        module.check_space(target)
        go = module.find_go(target.parent.parent.parent / "go", tell)
        if not self.package:
            self._copy_definitions(module.fetch(go, self.required), target / DEFINITIONS)
            tell(f"{self.name} {self.version} fetched")
            return
        tell(f"building {self.name} {self.version} (about {self.minutes:g} min on 2 cores; once for this machine)")
        begun = time.monotonic()
        module.build(go, self.package, self.flags, target / self.name)
        if self.definitions:
            self._copy_definitions(module.directory_of(go, self.required), target / DEFINITIONS)
        tell(f"{self.name} built in {time.monotonic() - begun:.0f} s")

    def _copy_definitions(self, source: Path, target: Path) -> None:
        target.mkdir()
        for pattern in self.definitions:
            for file in source.glob(pattern):
                # Not copied with its mode: files of the module cache are read-only.
                (target / file.name).write_bytes(file.read_bytes())

    def _module(self) -> GoModule:
        return GoModule(
            _MODULES / self.module,
            self.name,
            needed_bytes=self.needed_gib * 1024**3,
            # The newest go line of the modules: an older Go could build the others only.
            oldest_go=(1, 26),
            remedy="install Go 1.26.6 or newer (go.dev/doc/install)",
            background=True,
            # No C compiler is asked for, and the programs run on any Linux.
            environment={"CGO_ENABLED": "0"},
        )


_KUBERNETES = "k8s.io/kubernetes"
_CMD = f"{_KUBERNETES}/cmd"
_KEDA = "github.com/kedacore/keda/v2"
# In the order in which they are built: what others wait for first.
BINARIES = {
    binary.name: binary
    for binary in (
        Binary("etcd", "etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3", 1, 1),
        Binary("kube-apiserver", "kubernetes", f"{_CMD}/kube-apiserver", _KUBERNETES, 5, 4),
        Binary("kube-controller-manager", "kubernetes", f"{_CMD}/kube-controller-manager", _KUBERNETES, 2, 2),
        Binary("kube-scheduler", "kubernetes", f"{_CMD}/kube-scheduler", _KUBERNETES, 0.5, 1),
        Binary("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok", "sigs.k8s.io/kwok", 3, 2),
        # The most of it is compiled with the API server already.
        Binary("kubectl", "kubectl", f"{_CMD}/kubectl", _KUBERNETES, 1, 1, drill=True),
        Binary(
            *("karpenter", "karpenter", "sigs.k8s.io/karpenter/kwok", "sigs.k8s.io/karpenter", 3.5, 2),
            drill=True,
            definitions=("pkg/apis/crds/*.yaml", "kwok/apis/crds/*.yaml"),
        ),
        Binary(
            *("keda-operator", "keda", f"{_KEDA}/cmd/operator", _KEDA, 12, 5),
            drill=True,
            definitions=("config/crd/bases/*.yaml",),
        ),
        Binary("keda-adapter", "keda", f"{_KEDA}/cmd/adapter", _KEDA, 2, 1, drill=True),
        Binary(
            *("karpenter-definitions", "karpenter", "", "sigs.k8s.io/karpenter", 0.1, 1),
            definitions=("pkg/apis/crds/karpenter.sh_*.yaml",),
        ),
        Binary(
            *("keda-definitions", "keda", "", _KEDA, 0.1, 1),
            # Not those of ScaledJob, which are large and which nobody declares.
            definitions=("config/crd/bases/keda.sh_scaledobjects.yaml", "config/crd/bases/keda.sh_*auth*.yaml"),
        ),
    )
}
CONTROL_PLANE = tuple(binary.name for binary in BINARIES.values() if binary.package and not binary.drill)
# Kinds that every control plane knows, whether their controllers run or not.
SCHEMAS = tuple(binary.name for binary in BINARIES.values() if not binary.package)


def default_cache() -> Cache:
    """Where the programs are kept."""
    return Cache.default("kubernetes", "the Kubernetes programs")


def build(names: Iterable[str], tell: Tell, cache: Cache | None = None) -> dict[str, Path]:
    """Build what is not there, one program after the other, at the lowest priority.

    Args:
        names: of BINARIES.
        tell: is given one line for each thing done.
        cache: where programs are kept; the user's by default.

    Returns:
        The executables by name.

    Raises:
        SandboxError: there is no such program, no Go, or no space.
        SandboxFailedError: a build failed; what was built before it is kept.
    """
    store = cache or default_cache()
    chosen = [_named(name) for name in names]
    return {
        binary.name: _place(store, binary).get(
            f"{binary.name}-{binary.version}", binary.source, lambda target, it=binary: it.build(target, tell), tell
        )
        / binary.name
        for binary in chosen
    }


def built(names: Iterable[str], cache: Cache | None = None) -> dict[str, Path]:
    """The executables by name, which have to be there.

    Raises:
        SandboxError: there is no such program, or it was never built.
    """
    store = cache or default_cache()
    if lacking := missing(names, store):
        raise SandboxError(
            f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not built yet; "
            f"build with `python -m sandbox.kubernetes build {' '.join(lacking)}`."
        )
    return build(names, lambda _: None, store)


def missing(names: Iterable[str], cache: Cache | None = None) -> list[str]:
    """Those of the programs that are not built yet.

    Raises:
        SandboxError: there is no such program.
    """
    store = cache or default_cache()
    return [it.name for it in map(_named, names) if not _place(store, it).has(f"{it.name}-{it.version}", it.source)]


def building(cache: Cache | None = None) -> bool:
    """Whether somebody builds one of the programs now."""
    return (cache or default_cache()).busy


def _place(store: Cache, binary: Binary) -> Cache:
    """Definitions are fetched in seconds and lie apart, since makers of one folder wait for one another."""
    return store if binary.package else replace(store, kind=f"{store.kind}-kinds")


def _named(name: str) -> Binary:
    if name not in BINARIES:
        raise SandboxError(f"there is no Kubernetes program '{name}'; allowed: {', '.join(BINARIES)}.")
    return BINARIES[name]
