"""A GNSS receiver for all the vehicles of a campaign, who stand at their station: NMEA 0183 over TCP, a fix a second."""

import socketserver
import threading
import time

STATION = "3033.0000,N,11415.0000,E"


def sentence(body):
    total = 0
    for byte in body.encode():
        total ^= byte
    return f"${body}*{total:02X}\r\n"


def fix(at):
    clock, date = time.strftime("%H%M%S.00", at), time.strftime("%d%m%y", at)
    return sentence(f"GPGGA,{clock},{STATION},1,12,0.9,30.0,M,0.0,M,,") + sentence(f"GPRMC,{clock},A,{STATION},0.0,0.0,{date},,,A")


class Fixes(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while True:
                # At whole seconds, as receivers do: the sentences tell no smaller parts, and clocks are set by them.
                due = int(time.time() + 0.5) + 1
                time.sleep(due - time.time())
                self.request.sendall(fix(time.gmtime(due)).encode())
        except OSError:
            pass


class Receiver(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, host, port):
        super().__init__((host, port), Fixes)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
