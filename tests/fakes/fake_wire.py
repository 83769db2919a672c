#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An HTTP peer that puts bytes on the wire as they are, whatever that does to HTTP.

    fake_wire.py RECORD FILE [MODE]...

Prints its port, serves until its stdin ends. Each request is a JSON line of RECORD: {"line",
"headers", "body"}; its answer are the bytes of FILE, or of FILE.N where the Nth request has one of
its own. Then the connection is closed, unless a mode says otherwise:

  reset        by RST
  hang         not at all
  blind        before anything is read
  six          on ::1
  keep         it waits for the next request
  endless=F    after the bytes of F, again and again
  pause=MS     between them
  tls=CERT,KEY with TLS; old: 1.0 only
"""
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

RECORD = open(sys.argv[1], "w", buffering=1)
FILE = sys.argv[2]
MODES = dict(mode.partition("=")[::2] for mode in sys.argv[3:])
LOCK = threading.Lock()
count = 0


def read_request(stream):
    """The next request's answer; None at the end of the connection."""
    global count
    line = stream.readline(65536).decode("latin-1").strip()
    if not line:
        return None
    headers = {}
    while (header := stream.readline(65536).strip()):
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0))).decode("utf-8", "replace")
    with LOCK:
        count += 1
        RECORD.write(json.dumps({"line": line, "headers": headers, "body": body}) + "\n")
        own = f"{FILE}.{count}"
    with open(own if os.path.exists(own) else FILE, "rb") as file:
        return file.read()


def flood(connection):
    with open(MODES["endless"], "rb") as file:
        piece = file.read()
    piece *= 1 if "pause" in MODES else max(1, 65536 // len(piece))
    while True:
        connection.sendall(piece)
        time.sleep(int(MODES.get("pause", 0)) / 1000)


def serve(connection):
    try:
        if "tls" in MODES:
            connection = CONTEXT.wrap_socket(connection, server_side=True)
        stream = connection.makefile("rb")
        if "blind" in MODES:
            with open(FILE, "rb") as file:
                connection.sendall(file.read())
            stream.read()
        while (answer := read_request(stream)) is not None:
            connection.sendall(answer)
            if "endless" in MODES:
                flood(connection)
            if "hang" in MODES:
                stream.read()
            if "keep" not in MODES:
                break
        if "reset" in MODES:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.close()
    except OSError:
        pass
    finally:
        connection.close()


if "tls" in MODES:
    CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CONTEXT.load_cert_chain(*MODES["tls"].split(","))
    if "old" in MODES:
        CONTEXT.minimum_version = CONTEXT.maximum_version = ssl.TLSVersion.TLSv1


def main():
    if "six" in MODES:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    else:
        listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


main()
