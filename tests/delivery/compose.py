"""compose.yaml, and every setting that the delivery names: what can be seen without starting containers.
   compose.py, with a Python that has PyYAML."""

import re
import subprocess
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[2]
DELIVERY = PROJECT / "examples/server/delivery"


def server_variables() -> set[str]:
    """The server's own list."""
    text = (PROJECT / "examples/server/variable_names.cpp").read_text()
    listed = re.search(r"kSupported = \{(.*?)\};", text, re.S)
    assert listed
    return set(re.findall(r'"(CARIOS_\w+)"', listed[1]))


def settings(path: Path) -> dict[str, str]:
    """Those that are set, and those that a comment proposes."""
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", path.read_text(), re.M))


def check_variables(services: dict[str, dict]) -> None:
    known = server_variables()
    named = {
        "server.env": settings(DELIVERY / "server.env"),
        "compose.yaml": services["server"]["environment"],
        "Dockerfile": re.findall(r"\b(CARIOS_\w+)=", (DELIVERY / "Dockerfile").read_text()),
        "README.md": re.findall(r"\b(CARIOS_\w+)", (DELIVERY / "README.md").read_text()),
        "operations.md": re.findall(r"\b(CARIOS_\w+)", (DELIVERY.parent / "operations.md").read_text()),
    }
    for where, names in named.items():
        unknown = sorted(set(names) - known)
        assert names and not unknown, f"{where}: no variables of the server: {unknown}"


def check_secrets(text: str) -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    given = settings(DELIVERY / "example.env")
    assert used == set(given), f"differ between compose.yaml and example.env: {sorted(used ^ set(given))}"
    for name, value in given.items():
        if value == "change-me":
            assert "${" + name + ":?" in text and not re.search(r"\$\{" + name + "[}:]-", text), f"{name} may be missing"


def check_services(services: dict[str, dict], volumes: dict[str, object]) -> None:
    build = services["server"]["build"]
    project = (DELIVERY / build["context"]).resolve()
    assert project == PROJECT and (project / build["dockerfile"]) == DELIVERY / "Dockerfile"
    awaited = {other for service in services.values() for other, wanted in service.get("depends_on", {}).items()
               if wanted["condition"] == "service_completed_successfully"}
    ends = {name for name, service in services.items() if "restart" not in service}
    assert ends == awaited, f"up --wait would fail at the end of {sorted(ends ^ awaited)}"
    # The image has it.
    has_healthcheck = {"server"} | {name for name, service in services.items() if "healthcheck" in service}
    for name, service in services.items():
        for other, wanted in service.get("depends_on", {}).items():
            assert other in services, f"{name} depends on {other}"
            if wanted["condition"] == "service_healthy":
                assert other in has_healthcheck, f"{name} waits for {other}, which has no health check"
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} is open to everyone at {port}"
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in volumes, f"{name}: no volume {volume}"
        assert "build" in service or re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", service["image"]), f"{name}: an image without a version"


def main() -> None:
    text = (DELIVERY / "compose.yaml").read_text()
    composed = yaml.safe_load(text)
    check_variables(composed["services"])
    check_secrets(text)
    check_services(composed["services"], composed["volumes"])
    if subprocess.run(["sh", "-c", "docker compose version"], capture_output=True).returncode == 0:
        subprocess.run(["docker", "compose", "--env-file", "example.env", "config", "--quiet"], cwd=DELIVERY, check=True)
    else:
        print("skipped: no docker compose to read compose.yaml with")


if __name__ == "__main__":
    main()
