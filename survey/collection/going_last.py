"""Loaded first by the process that counts apart: from here on everybody else goes first.

What it loads next takes more of the processor than a count, so that lowering the priority of the count alone
would come too late. Nothing else may import this: it changes the process it is loaded in.
"""

import os

LAST = 19  # of the priorities a process can give itself

os.nice(LAST)
if hasattr(os, "SCHED_IDLE"):  # only what nobody else wants, and never a moment's wait for who wakes up
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
