"""A calculator that others call as if it were their own.   python3 server.py PORT"""
import sys
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCServer


class Server(ThreadingMixIn, SimpleXMLRPCServer):
    """Serves each caller in a thread of its own."""
    daemon_threads = True


def add(a, b):
    return a + b


def divide(a, b):
    return a / b          # what goes wrong here is raised at the caller


with Server(("", int(sys.argv[1])), logRequests=False) as server:
    server.register_function(add)
    server.register_function(divide)
    server.serve_forever()
