"""The server's package: installed, started as its unit says, asked, stopped, upgraded, removed and purged.
   package.py BUILD WORK, where BUILD is the build folder that has the package."""

import re
import stat
import subprocess
import sys
from pathlib import Path

from root import Confined, Root, enter_namespace, skip
from server import Server, readme_lines
from unit import Unit, environment_file


def check_unit(root: Root) -> None:
    """systemd finds no fault with the unit, and little that the server could do outside its folder."""
    name = "/lib/systemd/system/cariosan-server.service"
    if (root.path / "lib/systemd/system/sysinit.target").exists():
        done = subprocess.run(["systemd-analyze", "--no-pager", f"--root={root.path}", "verify", name], capture_output=True, text=True)
        assert done.returncode == 0 and "cariosan" not in done.stderr, done.stderr
    # Out of a hundred; a unit without any of this has 96.
    rated = subprocess.run(["systemd-analyze", "--no-pager", "security", "--offline=true", "--threshold=20",
                            f"{root.path}{name}"], capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout + rated.stderr


def check_files(root: Root) -> str:
    """Returns the secrets."""
    secrets = root.path / "etc/cariosan/secrets.env"
    assert stat.filemode(secrets.stat().st_mode) == "-rw-------" and secrets.stat().st_uid == 0
    values = environment_file(secrets)
    assert sorted(values) == ["CARIOS_JWT_SECRET", "CARIOS_METRICS_TOKEN"] and len(set(values.values())) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in values.values())
    folder = (root.path / "var/lib/cariosan").stat()
    assert (folder.st_uid, folder.st_gid) == root.user("cariosan") and stat.S_IMODE(folder.st_mode) == 0o750
    # Local changes are kept by an upgrade, and asked about.
    assert root.run("dpkg-query --show --showformat='${Conffiles}' cariosan-server").split()[0] == "/etc/cariosan/server.env"
    return secrets.read_text()


def start(root: Root, unit: Unit) -> Server:
    """Does what systemd would do."""
    environment: dict[str, str] = {}
    for file in unit.all("EnvironmentFile"):
        environment |= environment_file(root.path / file.removeprefix("-").lstrip("/"))
    confined = Confined(root, root.user(unit.one("User")), unit.one("WorkingDirectory"), int(unit.one("UMask"), 8), unit.calls())
    server = Server(root, unit.command("ExecStart"), environment, confined)
    server.until(server.is_ready, "the start")
    return server


def reload(server: Server, unit: Unit) -> None:
    command = [word.replace("${MAINPID}", str(server.process.pid)) for word in unit.command("ExecReload")]
    subprocess.run(command, check=True)
    server.until(lambda: "server.hangup_ignored" in server.log(), "the signal")


def give_certificate(root: Root, unit: Unit) -> None:
    """The copies for the server's user, which systemd's restrictions let it read; and the drop-in for ports below 1024 is one."""
    live = root.path / "etc/letsencrypt/live/chat.example.com"
    live.mkdir(parents=True)
    for name in ("fullchain.pem", "privkey.pem"):
        (live / name).write_text(name)
        (live / name).chmod(0o600)
    root.run("\n".join(readme_lines("install -d")))
    root.run("runuser -u cariosan -- cat /etc/cariosan/tls/fullchain.pem /etc/cariosan/tls/privkey.pem")
    drop_in = Unit("\n".join(readme_lines("CAP_NET_BIND_SERVICE", language="ini")))
    assert all(unit.all(name) for name in drop_in.values), "the drop-in changes what the unit does not set"
    folder = root.path / "etc/systemd/system/cariosan-server.service.d"
    folder.mkdir(parents=True)
    (folder / "override.conf").write_text("\n".join(readme_lines("CAP_NET_BIND_SERVICE", language="ini")) + "\n")
    check_unit(root)


def main(build: Path, work: Path) -> None:
    enter_namespace()
    if not Path("/usr/bin/systemd-analyze").exists():
        skip("no systemd-analyze, which knows the system calls of the unit")
    packages = list((build / "packages").glob("cariosan-server_*.deb"))
    assert len(packages) == 1, packages
    root = Root(work)
    package = root.path / "tmp/cariosan-server.deb"
    package.write_bytes(packages[0].read_bytes())
    install, *_ = [line for line in readme_lines("server_package") if "./build/packages" in line]
    install = install.replace("./build/packages/cariosan-server_*.deb", "--yes --no-install-recommends /tmp/cariosan-server.deb")

    root.run(install)
    check_unit(root)
    secrets = check_files(root)
    unit = Unit((root.path / "lib/systemd/system/cariosan-server.service").read_text())
    state = f"var/lib/{unit.one('StateDirectory')}"
    root.freeze(state)
    server = start(root, unit)
    server.converse(root.run("\n".join(readme_lines("runuser", "workspace create"))))
    assert (root.path / state / "cariosan.db").stat().st_uid == root.user("cariosan")[0]
    reload(server, unit)
    server.stop()
    root.thaw(state)

    # Installing it again keeps what was made: the secrets, and the conversation.
    root.run(install.replace(" install ", " install --reinstall "))
    assert check_files(root) == secrets
    server = start(root, unit)
    server.stop()

    give_certificate(root, unit)
    root.run("apt-get remove --yes cariosan-server")
    assert not (root.path / "usr/bin/cariosan-server").exists() and (root.path / "etc/cariosan/server.env").exists()
    root.run("apt-get purge --yes cariosan-server")
    # Certificates are not the package's.
    assert [path.name for path in (root.path / "etc/cariosan").iterdir()] == ["tls"]
    assert (root.path / "var/lib/cariosan/cariosan.db").exists(), "a purge has deleted the conversation"
    print("the package was installed, served, and was removed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
