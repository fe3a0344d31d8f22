#en: # Variant 2, sequential: one client at a time, the others wait. `fim` frees the server for the next.
#pt: # Variante 2, sequencial: um cliente por vez, os outros esperam. `fim` libera o servidor para o próximo.
#en: # Copy this folder before you change it: `provision apply` restores these files.
#pt: # Copie esta pasta antes de alterá-la: `provision apply` restaura estes arquivos.
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

from constCS import HOST, PORT


def serve(connection, name):
    while True:
        data = connection.recv(1024)
        #en: # No data: the client left without `fim`. Either way this conversation is over.
        #pt: # Sem dados: o cliente saiu sem `fim`. Nos dois casos esta conversa acabou.
        if not data or data.strip() == b"fim":
            return
        print(name, data.decode(errors="replace"))
        connection.sendall(data + b"*")


try:
    with socket(AF_INET, SOCK_STREAM) as server:
        #en: # Without this a restart fails with "Address already in use" for about a minute.
        #pt: # Sem isto, reiniciar falha com "Address already in use" por cerca de um minuto.
        server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        server.bind((HOST, PORT))
        server.listen()
        while True:
            connection, (ip, port) = server.accept()
            name = f"{ip}:{port}"
            #en: print(name, "arrived")
            #pt: print(name, "chegou")
            #en: # While serve() talks with this client, the next ones wait in the queue of listen().
            #pt: # Enquanto serve() conversa com este cliente, os próximos esperam na fila de listen().
            with connection:
                try:
                    serve(connection, name)
                except ConnectionError:
                    #en: # The client vanished mid-conversation: no reason to stop serving the others.
                    #pt: # O cliente sumiu no meio da conversa: não é motivo para deixar de atender os outros.
                    pass
            #en: print(name, "left")
            #pt: print(name, "saiu")
except KeyboardInterrupt:
    #en: print("Interrupted.")
    #pt: print("Interrompido.")
