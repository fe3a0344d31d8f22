"""Calls the calculator.   python3 client.py HOST PORT A B"""
import sys
from xmlrpc.client import ServerProxy

host, port, a, b = sys.argv[1:]
with ServerProxy(f"http://{host}:{port}") as calculator:
    print(calculator.add(int(a), int(b)))
