# Sockets on this machine: addresses, transfer, timeouts, errors.
import select
import socket
import threading

a, b = socket.socketpair()
print(a.family.name, a.type.name, a.send(b"hello"), b.recv(3), b.recv_into(room := bytearray(4)), bytes(room))  # expect: AF_UNIX SOCK_STREAM 5 b'hel' 2 b'lo\x00\x00'
b.settimeout(0.01)
b.recv(1)  # raises TimeoutError: timed out
b.setblocking(False)
b.recv(1)  # raises BlockingIOError: [Errno 11] Resource temporarily unavailable
print(b.gettimeout(), b.getblocking(), a.gettimeout())  # expect: 0.0 False None
print(a.sendmsg([b"x", b"yz"]), b.recvmsg(10)[:3])  # expect: 3 (b'xyz', [], 0)
print(select.select([b], [a], [], 0) == ([], [a], []))  # expect: True
poller = select.poll()
poller.register(b, select.POLLIN)
print(poller.poll(0), a.send(b"!"), poller.poll(1000) == [(b.fileno(), select.POLLIN)])  # expect: [] 1 True
with select.epoll() as epoll:
    epoll.register(b, select.EPOLLIN)
    print(epoll.poll(1) == [(b.fileno(), select.EPOLLIN)])  # expect: True
a.close()
print(b.recv(5), b.recv(5), a.fileno())  # expect: b'!' b'' -1
b.close()

server = socket.create_server(("127.0.0.1", 0))
host, port = server.getsockname()


def serve():
    connection, peer = server.accept()
    with connection, connection.makefile("rwb") as stream:
        for line in stream:
            stream.write(line.upper())
            stream.flush()


thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection((host, port), timeout=5) as client:
    client.sendall(b"one\ntwo\n")
    with client.makefile("r") as lines:
        print(lines.readline(), lines.readline(), client.getpeername() == (host, port))  # expect: ONE
        # expect:  TWO
        # expect:  True
thread.join()
print(server.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM, server.listen(1))  # expect: True None
server.close()
socket.create_connection((host, port))  # raises ConnectionRefusedError: [Errno 111] Connection refused

udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
print(udp.sendto(b"ping", udp.getsockname()), udp.recvfrom(10) == (b"ping", udp.getsockname()))  # expect: 4 True
udp.connect("x")  # raises TypeError: connect(): AF_INET address must be tuple, not str
udp.connect(("127.0.0.1", 99999))  # raises OverflowError: connect(): port must be 0-65535.
udp.close()
udp.send(b"")  # raises OSError: [Errno 9] Bad file descriptor
print(socket.inet_aton("1.2.3.4"), socket.inet_ntop(socket.AF_INET6, bytes(15) + b"\1"), socket.htons(1), socket.ntohl(1))  # expect: b'\x01\x02\x03\x04' ::1 256 16777216
print(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4], socket.gethostbyname("127.0.0.1"))  # expect: ('127.0.0.1', 80) 127.0.0.1
socket.inet_aton("x")  # raises OSError: illegal IP address string passed to inet_aton
