"""One SLURM node of a test's own: munged, slurmctld and slurmd under one folder, with ports of their own.

No file outside the folder is written and no other SLURM is spoken to, so that several may run beside each other.
Clients are told of the configuration by SLURM_CONF; srun is called through a wrapper, since Snakemake's plugin drops
that variable inside a job. Debian's packages `slurm-wlm` and `munge` hold all the programs; the daemons run as the user
who starts them.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
DAEMONS = ("slurmctld", "slurmd")
ACTIVE = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED")
# Those of `Job`. What `--gpus` asks for belongs to the job: the short `%b` is what is asked for of each node.
COLUMNS = "JobArrayID:|,State:|,tres-per-job:|,Comment:|,WorkDir:|"
PATIENCE = 1800.0  # seconds that a condition may take on a busy machine; a quiet one needs a hundredth

# `cred_expire` is also how long a requeued job is held back; a limit of time is looked at every `sched_interval`.
# The cores and the memory are declared, not found, so that every machine runs the same number of jobs at once.
CONFIGURATION = """\
ClusterName=attnexplain-test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
ReturnToService=2
MinJobAge=86400
KillWait=10
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:{gpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
GPU = "NodeName={host} Name=gpu File={file}\n"
FILES = ("/dev/null", "/dev/zero")  # of GPUs that are none
SRUN = '#!/bin/sh\nSLURM_CONF="{folder}/slurm.conf" exec "{srun}" "$@"\n'


@dataclass(frozen=True)
class Job:
    """A job as the queue shows it; `rule` is that of Snakemake."""

    identifier: str
    state: str
    gpus: str
    comment: str
    folder: str

    @property
    def rule(self) -> str:
        return self.comment.removeprefix("rule_").partition("_wildcards_")[0]


class Node:
    """A node that runs jobs between `start` and `stop`."""

    def __init__(self, folder: Path, cpus: int = 4, memory: int = 64_000, gpus: Sequence[str] = FILES) -> None:
        self.folder, self.host = folder, socket.gethostname().partition(".")[0]
        self._size = {"cpus": cpus, "memory": memory, "gpus": len(gpus)}
        self._gpus = "".join(GPU.format(host=self.host, file=file) for file in gpus)
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Write the configuration, start the daemons and wait until the node is idle."""
        for name in ("state", "spool", "bin"):
            (self.folder / name).mkdir()
        self._configure()
        self._start("munged", "--force", "--foreground", *self._munge())
        self._wait((self.folder / "munge.socket").exists, "munged")
        for name in DAEMONS:
            self._start(name, "-D", "-f", str(self.folder / "slurm.conf"))
        self._wait(lambda: self.state() == "idle", "an idle node")

    def stop(self) -> None:
        """End all jobs and daemons."""
        if len(self._daemons) > len(DAEMONS) and not self._ended():
            self.call("scancel", f"--user={getpass.getuser()}", check=False)
            until(lambda: not self.active(), "an empty queue", self.log)
        for daemon in reversed(self._daemons.values()):
            daemon.terminate()
            daemon.wait(timeout=60)

    def environment(self) -> Mapping[str, str]:
        """What tells the clients, and the jobs they submit, of this node."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def call(self, *command: str, check: bool = True) -> str:
        """What a client of SLURM prints."""
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=120)
        assert not check or done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def jobs(self) -> list[Job]:
        """All that the controller remembers."""
        listed = self.call("squeue", "--all", "--noheader", "--array", "--states=all", f"--Format={COLUMNS}")
        return [Job(*line.split("|")[:-1]) for line in listed.splitlines()]

    def of(self, folder: Path) -> list[Job]:
        """Jobs of the project in `folder`."""
        return [job for job in self.jobs() if job.folder == str(folder)]

    def active(self) -> list[Job]:
        """Jobs that wait or run."""
        return [job for job in self.jobs() if job.state in ACTIVE]

    def running(self, folder: Path, rule: str) -> list[Job]:
        """Running jobs of a rule, of the project in `folder`."""
        return [job for job in self.of(folder) if (job.rule, job.state) == (rule, "RUNNING")]

    def states(self, folder: Path) -> dict[str, str]:
        """Id -> state of all jobs of the project in `folder`."""
        return {job.identifier: job.state for job in self.of(folder)}

    def limit(self, job: str) -> str:
        """The time that a job asked for."""
        return self.call("squeue", "--noheader", "--states=all", f"--jobs={job}", "--format=%l").strip()

    def state(self) -> str:
        """That of the node; empty while no controller answers."""
        return self.call("sinfo", "--noheader", "--format=%T", check=False).strip()

    @contextmanager
    def drained(self) -> Iterator[None]:
        """While the block runs, no job begins on the node."""
        update = ("scontrol", "update", f"NodeName={self.host}")
        self.call(*update, "State=DRAIN", "Reason=test")
        try:
            yield
        finally:
            self.call(*update, "State=RESUME")

    def log(self) -> str:
        """What the controller wrote last."""
        log = self.folder / "slurmctld.log"
        return log.read_text(encoding="utf-8")[-3000:] if log.exists() else ""

    def _start(self, name: str, *options: str) -> None:
        """Start a daemon in a session of its own: Ctrl-C ends the tests, which then end the daemons in their order."""
        with (self.folder / f"{name}.out").open("wb") as log:
            command, environment = [program(name), *options], self.environment()
            daemon = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        self._daemons[name] = daemon

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for what all daemons together bring about."""

        def reached() -> bool:
            assert not self._ended(), self._ended()
            return condition()

        until(reached, what, self.log)

    def _ended(self) -> str:
        """What daemons that ended wrote last; empty where all are at work."""
        ended = [self.folder / f"{name}.out" for name, daemon in self._daemons.items() if daemon.poll() is not None]
        return "".join(f"{log.stem} ended: {log.read_text(encoding='utf-8')[-2000:]}" for log in ended)

    def _configure(self) -> None:
        names = {"folder": self.folder, "host": self.host, "user": getpass.getuser(), "srun": program("srun")}
        ports = dict(zip(("controller_port", "node_port"), free_ports(2), strict=True))
        texts = {"slurm.conf": CONFIGURATION, "gres.conf": self._gpus, "bin/srun": SRUN}
        for name, text in texts.items():
            (self.folder / name).write_text(text.format(**names, **ports, **self._size), encoding="utf-8")
        (self.folder / "bin" / "srun").chmod(0o755)

    def _munge(self) -> list[str]:
        """A key, and the options that keep munged in the folder."""
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        files = {"socket": "munge.socket", "key-file": key.name, "pid-file": "munged.pid"}
        files |= {"log-file": "munged.log", "seed-file": "munged.seed"}
        return [f"--{option}={self.folder / name}" for option, name in files.items()]


def program(name: str) -> str:
    """The path of a program, which Debian keeps in part where the path of a user does not lead."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        raise FileNotFoundError(name)
    return found


def missing_programs() -> list[str]:
    """Programs of SLURM that this machine lacks."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return [name for name in PROGRAMS if shutil.which(name, path=path) is None]


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def until(condition: Callable[[], bool], what: str, explain: Callable[[], str] = str) -> None:
    """Wait for a condition; where it does not come, fail with what was waited for and an explanation."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s for {what}: {explain()}"
        time.sleep(0.3)
