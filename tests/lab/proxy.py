#!/usr/bin/env python3
"""A bad network in front of a libvirt socket.

    proxy.py SOCKET DIRECTORY DELAY_MS [ADDRESS]

Listens on DIRECTORY/sock and, with ADDRESS, on a free TCP port of it (written to DIRECTORY/port). Every byte is
passed on to SOCKET and back, each way late by half of DELAY_MS. While the file DIRECTORY/silent exists nothing is
passed on and nothing is closed: the network drop that sends no reset. While DIRECTORY/refuse exists new
connections are closed at once, and SIGHUP cuts those that are open.

DIRECTORY/calls holds what clients have asked so far, one line for each kind of call: program, procedure, count.
Libvirt's frames are a length and six numbers (program, version, procedure, type, serial, status); type 0 is a
call. Keepalive pings are a program of their own and are not counted.
"""

import asyncio
import os
import signal
import struct
import sys
from collections import Counter

KEEPALIVE = 0x6B656570
CALL = 0


class Proxy:
    def __init__(self, target, directory, delay):
        self.target = target
        self.directory = directory
        self.half = delay / 2000.0
        self.writers = set()
        self.calls = Counter()

    def path(self, name):
        return os.path.join(self.directory, name)

    def count(self, buffer):
        """Count the calls of all complete frames in `buffer` and drop those frames from it."""
        seen = False
        while len(buffer) >= 28:
            (length,) = struct.unpack_from(">I", buffer)
            if length < 28 or len(buffer) < length:
                break
            program, _version, procedure, kind = struct.unpack_from(">IIII", buffer, 4)
            if kind == CALL and program != KEEPALIVE:
                self.calls[(program, procedure)] += 1
                seen = True
            del buffer[:length]
        if seen:
            self.report()

    def report(self):
        lines = [f"{program:#x} {procedure} {n}\n" for (program, procedure), n in sorted(self.calls.items())]
        with open(self.path("calls.new"), "w", encoding="ascii") as file:
            file.writelines(lines)
        os.replace(self.path("calls.new"), self.path("calls"))

    async def pump(self, reader, writer, counted):
        """Pass on what `reader` gives, each piece half the delay after it came."""
        loop = asyncio.get_running_loop()
        pieces = asyncio.Queue()

        async def send():
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                while os.path.exists(self.path("silent")):
                    await asyncio.sleep(0.05)
                if data is None:
                    writer.close()
                    return
                writer.write(data)
                await writer.drain()

        sender = asyncio.create_task(send())
        frames = bytearray()
        try:
            while data := await reader.read(65536):
                if counted:
                    frames += data
                    self.count(frames)
                pieces.put_nowait((loop.time() + self.half, data))
        except OSError:
            pass
        pieces.put_nowait((loop.time() + self.half, None))
        try:
            await sender
        except OSError:
            writer.close()

    async def accept(self, reader, writer):
        if os.path.exists(self.path("refuse")):
            writer.close()
            return
        try:
            upstream, downstream = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.close()
            return
        pair = {writer, downstream}
        self.writers |= pair
        try:
            await asyncio.gather(self.pump(reader, downstream, True), self.pump(upstream, writer, False))
        finally:
            self.writers -= pair
            for one in pair:
                one.close()

    def cut(self):
        for writer in list(self.writers):
            writer.transport.abort()

    async def serve(self, address):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.cut)
        if address:
            server = await asyncio.start_server(self.accept, address, 0)
            with open(self.path("port"), "w", encoding="ascii") as file:
                file.write(f"{server.sockets[0].getsockname()[1]}\n")
        # Last, as the socket's appearance tells that the proxy is ready.
        await asyncio.start_unix_server(self.accept, self.path("sock"))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(Proxy(sys.argv[1], sys.argv[2], float(sys.argv[3])).serve(sys.argv[4] if len(sys.argv) > 4 else None))
