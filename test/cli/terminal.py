"""Runs a command in a terminal of some columns, types an answer for each question and each progress at the end of what it
prints (": ", "] " and " s)"), and prints all that was on the screen: terminal.py COLUMNS [ANSWER ...] -- COMMAND"""

import fcntl, os, pty, select, struct, sys, termios

columns, *rest = sys.argv[1:]
cut = rest.index("--")
answers, command = rest[:cut], rest[cut + 1 :]

child, screen = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
    os.execvp("/bin/sh", ["/bin/sh", "-c", *command])
said = b""
while True:
    try:
        select.select([screen], [], [], 60)
        new = os.read(screen, 4096)
    except OSError:
        break
    if not new:
        break
    said += new
    if answers and said.endswith((b": ", b"] ", b" s)")):
        os.write(screen, answers.pop(0).encode().decode("unicode_escape").encode() + b"\r")
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
