#!/usr/bin/python3
"""Netmiko at a router, as its users write it: ssh_netmiko.py ADDRESS"""
import sys

from netmiko import ConnectHandler

router = {"device_type": "cisco_ios", "host": sys.argv[1], "username": "guest", "password": "guest", "secret": "s3cret"}
# A machine with much to do takes its time; Netmiko itself gives a banner five seconds, and a prompt one.
router |= {"banner_timeout": 90, "auth_timeout": 90, "blocking_timeout": 90, "global_delay_factor": 3}
with ConnectHandler(**router) as connection:
    assert connection.find_prompt() == "hq>", connection.find_prompt()
    connection.enable()
    assert connection.find_prompt() == "hq#", connection.find_prompt()
    assert "hq uptime is" in connection.send_command("show version")
    answer = connection.send_config_set(["interface Loopback7", "description made by Netmiko", "ip address 10.7.7.7 255.255.255.255"])
    assert "%" not in answer, answer
    shown = connection.send_command("show running-config interface Loopback7")
    assert " description made by Netmiko" in shown and " ip address 10.7.7.7 255.255.255.255" in shown, shown
    saved = connection.save_config()
    assert "[OK]" in saved, saved
    assert "Loopback7" in connection.send_command("show startup-config")
    assert "Invalid input" in connection.send_command("show nonsense here")
print("Netmiko: prompts, enable, show, configuration, save")
