"""One build at a time, and no lock outlives its holder."""

import os
import signal
import subprocess
import sys
import threading

from places import ROOT

from dlabook.source.lock import FILE, locked

HOLD = "from pathlib import Path; from dlabook.source.lock import locked; import time\n"
HOLD += "with locked(Path('.')):\n    print('held', flush=True); {}"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "code")}


def holder(root, then="time.sleep(600)"):
    return subprocess.Popen(
        [sys.executable, "-c", HOLD.format(then)],
        cwd=root,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_second_says_for_whom_it_waits_and_a_killed_holder_leaves_nothing(tmp_path):
    first = holder(tmp_path)
    assert first.stdout.readline() == "held\n"
    second = holder(tmp_path, "pass")
    assert second.stderr.readline() == (
        f"waiting for another build of this book (process {first.pid})\n"
    )
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert second.communicate(timeout=20) == ("held\n", "")
    assert second.returncode == 0
    third = holder(tmp_path, "pass")
    assert third.communicate(timeout=20) == ("held\n", "")


def test_who_is_given_the_lock_keeps_it_when_its_parent_is_gone(tmp_path):
    with locked(tmp_path) as lock:
        child = subprocess.Popen(["sleep", "600"], pass_fds=[lock])
    waits = holder(tmp_path, "pass")
    assert "waiting" in waits.stderr.readline()
    child.kill()
    child.wait()
    assert waits.communicate(timeout=20)[0] == "held\n"


def test_who_holds_it_holds_it_on(tmp_path):
    with locked(tmp_path) as outer:
        with locked(tmp_path) as inner:
            assert inner == outer
        assert (tmp_path / FILE).read_text() == f"{os.getpid()}\n"
    done = threading.Thread(target=lambda: locked(tmp_path).__enter__())
    done.start()
    done.join(5)
    assert not done.is_alive()
