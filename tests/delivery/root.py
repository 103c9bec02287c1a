"""A Debian to install into: a view of this machine, or of the folder that CARIOSAN_TEST_DEBIAN names, whose changes are forgotten.

It lives in a mount namespace of its own, so nothing remains of it when the test ends, however it ends."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path


def skip(reason: str) -> None:
    print(f"skipped: {reason}")
    sys.exit(0)


def enter_namespace() -> None:
    """Starts this program again where mounts are its own."""
    if os.environ.get("CARIOSAN_TEST_MOUNTS") == "own":
        return
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        skip("installing packages needs root and the right to mount")
    os.environ["CARIOSAN_TEST_MOUNTS"] = "own"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


class Root:
    """The folder that programs see as /."""

    def __init__(self, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        lower = os.environ.get("CARIOSAN_TEST_DEBIAN", "/")
        self.path = work / "root"
        self._mount("-t", "tmpfs", "tmpfs", work)
        for name in ("upper", "work", "root"):
            (work / name).mkdir()
        self._mount("-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={work}/upper,workdir={work}/work", self.path)
        self._mount("-t", "proc", "proc", self.path / "proc")
        self._mount("--bind", "/dev", self.path / "dev")
        self._mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", self.path / "tmp")
        if lower != "/":
            (self.path / "etc/resolv.conf").write_text(Path("/etc/resolv.conf").read_text())

    def _mount(self, *arguments: object) -> None:
        done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            skip(f"cannot mount {arguments[-1]}: {done.stderr.strip()}")

    def run(self, command: str, **environment: str) -> str:
        """Runs a line of shell as root, and returns what it prints; it must succeed."""
        done = subprocess.run(["chroot", str(self.path), "/bin/sh", "-ec", command], text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, env=self.environment(**environment))
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def environment(self, **more: str) -> dict[str, str]:
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **more}

    def user(self, name: str) -> tuple[int, int]:
        """The ids of a user and of their group."""
        for line in (self.path / "etc/passwd").read_text().splitlines():
            fields = line.split(":")
            if fields[0] == name:
                return int(fields[2]), int(fields[3])
        raise AssertionError(f"no user {name}")

    def freeze(self, *writable: str) -> None:
        """Makes everything read-only but these folders, and /tmp."""
        for folder in writable:
            subprocess.run(["mount", "--bind", self.path / folder, self.path / folder], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", self.path], check=True)

    def thaw(self, *writable: str) -> None:
        for folder in writable:
            subprocess.run(["umount", self.path / folder], check=True)
        subprocess.run(["mount", "-o", "remount,bind,rw", self.path], check=True)


class Confined:
    """What a process does to itself before it becomes the program: another root, another user, fewer system calls."""

    def __init__(self, root: Root, ids: tuple[int, int], folder: str, umask: int, calls: set[str] | None = None) -> None:
        self.root, self.ids, self.folder, self.umask, self.calls = root, ids, folder, umask, calls
        self.seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        self.seccomp.seccomp_init.restype = ctypes.c_void_p
        self.libc = ctypes.CDLL(None, use_errno=True)

    def __call__(self) -> None:
        os.chroot(self.root.path)
        os.chdir(self.folder)
        os.umask(self.umask)
        os.setgroups([])
        os.setgid(self.ids[1])
        os.setuid(self.ids[0])
        # The test's end is the server's, too.
        set_death_signal, sigkill = 1, 9
        assert self.libc.prctl(set_death_signal, sigkill, 0, 0, 0) == 0
        set_no_new_privileges = 38
        assert self.libc.prctl(set_no_new_privileges, 1, 0, 0, 0) == 0
        if self.calls is not None:
            self._filter(sorted(self.calls))

    def _filter(self, calls: list[str]) -> None:
        """Other system calls fail with EPERM."""
        errno_eperm, allow = 0x00050001, 0x7FFF0000
        state = ctypes.c_void_p(self.seccomp.seccomp_init(errno_eperm))
        for call in calls:
            number = self.seccomp.seccomp_syscall_resolve_name(call.encode())
            if number >= 0:
                assert self.seccomp.seccomp_rule_add(state, ctypes.c_uint32(allow), number, 0) == 0, call
        assert self.seccomp.seccomp_load(state) == 0
