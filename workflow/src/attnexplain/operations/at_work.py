"""Whether anything is at work in this folder, so that nothing may be removed."""

from attnexplain.jobs.records import running_outputs
from attnexplain.jobs.snakemake_files import is_locked, snakemake_processes


def at_work() -> str:
    """What is, or may be, as a sentence for people; empty where nothing is."""
    if is_locked() or snakemake_processes():
        return "Snakemake is at work in this folder, so nothing is removed. (If it was killed: `snakemake --unlock`)"
    running = running_outputs()
    if running:
        return (
            f"a job that writes {running[0]} is running, or was on a machine that cannot be seen from here: nothing is"
            " removed. If it is gone, remove its file in scratch/status/"
        )
    return ""
