"""Builds the wheel (PEP 517): the Python files, and libcariosan.so.

The library is that of a CMake build, named by `--config-settings library=FILE` or the environment variable CARIOSAN_LIBRARY. If none
is named, it is built from the sources around this folder, in `build-wheel` of the project.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

PACKAGE = Path(__file__).resolve().parent.parent
PROJECT = PACKAGE.parent.parent
NAME = "cariosan"
LIBRARY = "libcariosan.so"

Settings = Optional[Mapping[str, Any]]


class UnsupportedOperation(Exception):
    """What PEP 517 wants for a source distribution that cannot be made."""


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: Optional[str] = None) -> str:
    tag = "py3-none-" + re.sub("[-.]", "_", sysconfig.get_platform())
    with tempfile.TemporaryDirectory() as folder:
        library = stripped(find_library(config_settings or {}), Path(folder))
        files = {f"{NAME}/{LIBRARY}": library.read_bytes()}
    for path in sorted((PACKAGE / "src" / NAME).iterdir()):
        if path.suffix in (".py", ".typed"):
            files[f"{NAME}/{path.name}"] = path.read_bytes()
    info = f"{NAME}-{version()}.dist-info"
    files[f"{info}/METADATA"] = metadata().encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: {__name__}\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    files[f"{info}/licenses/LICENSE"] = (PROJECT / "LICENSE").read_bytes()
    files[f"{info}/RECORD"] = record(files, f"{info}/RECORD").encode()
    wheel = f"{NAME}-{version()}-{tag}.whl"
    write_archive(Path(wheel_directory) / wheel, files)
    return wheel


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    raise UnsupportedOperation("the sources are the whole project: build the wheel in it")


def version() -> str:
    """Of the library, which is defined once, in the C header."""
    header = (PROJECT / "include" / "cariosan" / "cariosan.h").read_text()
    found = re.search(r'^#define CARIOSAN_VERSION "(.+)"$', header, re.MULTILINE)
    if found is None:
        raise RuntimeError("cariosan.h has no version")
    return found[1]


def metadata() -> str:
    fields = (
        "Metadata-Version: 2.4",
        f"Name: {NAME}",
        f"Version: {version()}",
        "Summary: A whole chat engine inside a Python process",
        "Requires-Python: >=3.9",
        "License-Expression: Apache-2.0",
        "License-File: LICENSE",
        "Classifier: Framework :: AsyncIO",
        "Classifier: Operating System :: POSIX :: Linux",
        "Classifier: Topic :: Communications :: Chat",
        "Classifier: Typing :: Typed",
        "Description-Content-Type: text/markdown",
    )
    return "\n".join(fields) + "\n\n" + (PACKAGE / "README.md").read_text()


def find_library(settings: Mapping[str, Any]) -> Path:
    named = settings.get("library") or os.environ.get("CARIOSAN_LIBRARY")
    if named:
        return Path(named).resolve(strict=True)
    build = PROJECT / "build-wheel"
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DCARIOSAN_BUILD_TESTS=OFF", "-DCARIOSAN_BUILD_EXAMPLES=OFF"]
    # Several files are compiled as one, which takes a third of the time.
    options += ["-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=48"]
    run("cmake", "-S", str(PROJECT), "-B", str(build), *options)
    run("cmake", "--build", str(build), "--target", "cariosan_c", "--parallel", str(os.cpu_count() or 1))
    return (build / "src" / "capi" / LIBRARY).resolve(strict=True)


def stripped(library: Path, folder: Path) -> Path:
    """Without what only debuggers read, if there is a tool for that."""
    copy = folder / LIBRARY
    shutil.copyfile(library, copy)
    if shutil.which("strip"):
        run("strip", "--strip-unneeded", str(copy))
    return copy


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def record(files: Dict[str, bytes], own: str) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.writerow((name, f"sha256={digest}", len(content)))
    rows.writerow((own, "", ""))
    return text.getvalue()


def write_archive(path: Path, files: Dict[str, bytes]) -> None:
    """The same bytes every time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
