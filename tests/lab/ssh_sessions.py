#!/usr/bin/python3
"""Terminals of all kinds, sixteen SSH sessions at once, a paste of 10,000 lines, and a session that dies in the middle of a command: ssh_sessions.py ADDRESS"""
import sys
import threading

import paramiko

ADDRESS = sys.argv[1]
PASTE_LINES = 10_000


def connect():
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(ADDRESS, username="admin", password="letmein", allow_agent=False, look_for_keys=False, timeout=120,
                   banner_timeout=120, auth_timeout=120)
    return client


def shell(client, terminal="xterm", width=200, height=0):
    channel = client.invoke_shell(terminal, width, height, environment={"LANG": "en_US.UTF-8"})
    channel.settimeout(120)
    return channel


def read_until(channel, *texts):
    got = b""
    while not got.endswith(texts):
        part = channel.recv(65536)
        if not part:
            raise SystemExit(f"closed, waiting for {texts!r} after {got[-200:]!r}")
        got += part
    return got


def arrive(*terminal):
    """A client and its shell at the prompt; whoever sat on the lines before may need a moment to leave."""
    while True:
        client = connect()
        channel = shell(client, *terminal)
        if read_until(channel, b"hq#", b"no line is free\r\n").endswith(b"hq#"):
            return client, channel
        client.close()


def say(channel, line, prompt=b"hq#"):
    channel.sendall(line.encode() + b"\r")
    return read_until(channel, prompt)


def terminals():
    """Terminals of any kind and size, and any end of line: what is typed, its answer, the prompt, and no octet else."""
    for terminal in ("vt100", 80, 24), ("vt100", 511, 1000), ("xterm", 132, 0), ("xterm", 256, 80), ("dumb", 0, 0):
        client, channel = arrive(*terminal)
        for enter in "\r", "\n", "\r\n":
            for line, answer in ("", ""), ("terminal length 0", ""), ("terminal width 511", ""), ("terminal no monitor", ""), (
                    "show privilege", "Current privilege level is 15\r\n"):
                channel.sendall(line + enter)
                got = read_until(channel, b"hq#")
                assert got == f"{line}\r\n{answer}hq#".encode(), (terminal, enter, line, got)
        client.close()


def sixteen():
    clients = [None] * 16

    def come(number):
        # Strangers come four at a time.
        with gate:
            clients[number] = arrive()

    gate = threading.Semaphore(4)
    threads = [threading.Thread(target=come, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(clients), "not all sixteen sessions were served"
    say(clients[0][1], "terminal length 0")
    users = say(clients[0][1], "show users").decode()
    assert users.count(" vty ") == 16, users
    late = connect()
    channel = shell(late)
    answer = b""
    while part := channel.recv(65536):
        answer += part
    assert b"no line is free" in answer, answer
    late.close()
    for client, _ in clients:
        client.close()


def paste():
    """Every line of a paste is executed, once and in order, and echoed once."""
    client, channel = arrive()
    say(channel, "terminal length 0")
    say(channel, "configure terminal", b"hq(config)#")
    lines = [f"ip route 10.{i // 250 % 250}.{i % 250}.{i // 62500} 255.255.255.255 Null0" for i in range(PASTE_LINES)]
    sender = threading.Thread(target=channel.sendall, args=("\r".join([*lines, "end", "show privilege", ""]).encode(),))
    sender.start()
    got = read_until(channel, b"Current privilege level is 15\r\nhq#")
    sender.join()
    text = got.decode()
    assert text.count("ip route 10.") == PASTE_LINES, text.count("ip route 10.")
    client.close()
    client, channel = arrive()
    assert f"regexp = {PASTE_LINES}" in say(channel, "show running-config | count Null0").decode(), "lines of a paste are lost"
    client.close()


def dies():
    """A session whose client vanishes in the middle of a command leaves its line."""
    client, channel = arrive()
    channel.sendall(b"ping 192.0.2.77 repeat 100000\r")
    read_until(channel, b"Sending 100000, 100-byte ICMP Echos to 192.0.2.77, timeout is 2 seconds:\r\n")
    client.get_transport().sock.close()
    while True:
        other, channel = arrive()
        left = say(channel, "show users").decode().count(" vty ")
        other.close()
        if left == 1:
            return


terminals()
sixteen()
dies()
paste()
print("terminals of all kinds, sixteen sessions, one that died, and a paste of", PASTE_LINES, "lines")
