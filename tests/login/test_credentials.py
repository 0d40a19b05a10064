"""How dear it is to try a password or a code against what is stored of it."""

import re
import subprocess
import sys

HASH_ONE = "from survey.credentials import hash_secret; print(hash_secret('en fras'))"


def test_a_secret_is_hashed_as_slowly_as_owasp_asks_for() -> None:
    stored = subprocess.run(
        [sys.executable, "-c", HASH_ONE], capture_output=True, text=True, check=True
    ).stdout
    cost = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", stored)
    assert cost is not None
    memory, passes, lanes = map(int, cost.groups())
    assert (memory >= 19 * 1024, passes >= 2, lanes) == (True, True, 1)
