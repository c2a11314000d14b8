"""What the members of a consumer group have in common, whatever library they use.

src/group/member.rs describes their arguments, what they print and what they obey.
"""

import os
import sys
import threading

OPTIONS = dict(word.split("=", 1) for word in sys.argv[1:])

LEAVE = threading.Event()


def listen():
    """Waits for commands beside the consumer; ends the program when nobody can give any more."""
    threading.Thread(target=_listen, daemon=True).start()


def _listen():
    for line in sys.stdin:
        if line.strip() == "leave":
            LEAVE.set()
    if not LEAVE.is_set():
        os._exit(1)


def say(*words):
    print(*words, flush=True)
