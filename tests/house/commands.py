"""Checks that what the commands of a README name exists: targets, options, components, tests, scripts and their options, files. It is for
   those that build or install the project, as every test run does by itself; fences.txt says which.
   commands.py PROJECT BUILD, where BUILD is a build folder."""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

from fences import blocks, rows

PROJECT, BUILD = Path(sys.argv[1]), Path(sys.argv[2])


@cache
def output_of(*command: str) -> str:
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout


def targets() -> str:
    # The targets of the fuzzers are only there in a build for Clang's fuzzer; each is one file.
    fuzzers = "\n".join(f"fuzz_{path.stem}" for path in (PROJECT / "tests/fuzz").glob("*.cpp"))
    return output_of("cmake", "--build", str(BUILD), "--target", "help") + fuzzers


def has_option(name: str) -> bool:
    files = [PROJECT / "CMakeLists.txt", *(PROJECT / "cmake").glob("*.cmake")]
    return name.startswith("CMAKE_") or any(re.search(rf"\b(option|set)\({name}\b", file.read_text()) for file in files)


def after(words: list[str], option: str) -> list[str]:
    return [following for word, following in zip(words, words[1:]) if word == option]


def faults_of_cmake(words: list[str]) -> list[str]:
    faults = [f"no option {word}" for word in words if word.startswith("-D") and not has_option(word[2:].split("=")[0])]
    faults += [f"no target {name}" for name in after(words, "--target") if not re.search(rf"\b{name}\b", targets())]
    installs = (BUILD / "cmake_install.cmake").read_text()
    return faults + [f"no component {name}" for name in after(words, "--component") if f'STREQUAL "{name}"' not in installs]


def faults_of_ctest(words: list[str]) -> list[str]:
    names = re.findall(r"Test +#\d+: (\S+)", output_of("ctest", "--test-dir", str(BUILD), "-N"))
    return [f"no test {pattern}" for pattern in after(words, "-R") if not any(re.search(pattern, name) for name in names)]


def faults_of_script(words: list[str]) -> list[str]:
    if words[0].startswith("./build"):
        return [] if re.search(rf"\b{Path(words[0]).name}\b", targets()) else [f"no program {words[0]}"]
    usage = output_of(words[0], "--help")
    return [f"{words[0]} has no {word}" for word in words[1:] if word.startswith("--") and word not in usage]


def faults_of_sourcing(words: list[str]) -> list[str]:
    subprocess.run(["bash", "-euc", f". {words[1]} && declare -F install_packages && declare -p packages_build"], cwd=PROJECT, check=True,
                   stdout=subprocess.DEVNULL)
    return []


def faults_of_command(words: list[str], folder: Path) -> list[str]:
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if not words:
        return []
    faults = []
    # What lies in a build folder is made by the target; its folder is there in any case.
    for path in (word.split("=")[-1].replace("$PWD", str(folder)) for word in words):
        built = re.search(r"/build(?:-\w+)?/(.+)/[^/]+$", path)
        if built and not (BUILD / built[1]).is_dir():
            faults.append(f"{path} is in no folder of a build")
        elif not built and "/" in path and not path.startswith(("-", ".venv")) and "build" not in path and "..." not in path:
            if not (PROJECT / path).exists() and not (folder / path).exists():
                faults.append(f"no {path}")
    if words[0] == "cmake":
        return faults + faults_of_cmake(words)
    if words[0] == "ctest":
        return faults + faults_of_ctest(words)
    if words[0] == ".":
        return faults + faults_of_sourcing(words)
    if words[0].startswith("./"):
        return faults + faults_of_script(words)
    if words[0] == "node":
        return faults + [f"no {word}" for word in words[1:2] if not (PROJECT / word).exists() and not (folder / word).exists()]
    others = ("export", "go", "ldconfig", "install_packages", "python3", ".venv/bin/pip", ".venv/bin/python", ".venv/bin/mypy")
    return faults if words[0] in others else [*faults, f"nothing is known about {words[0]}"]


def main() -> int:
    found, seen = [], 0
    for name, language, words, test in rows(PROJECT):
        if test != "tests/house/commands.py":
            continue
        path = PROJECT / name
        for its, code in blocks(path.read_text()):
            if its == language and words in code:
                for line in code.replace("\\\n", " ").splitlines():
                    for command in line.split("&&"):
                        seen += 1
                        found += [f"{name}: {fault}" for fault in faults_of_command(shlex.split(command, comments=True), path.parent)]
    for fault in found:
        print(fault)
    print(f"{seen} commands")
    return 1 if found or seen < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
