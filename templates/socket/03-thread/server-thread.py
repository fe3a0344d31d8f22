#en: # Variant 3, threads: a thread for each client, so that all are served at once.
#pt: # Variante 3, threads: uma thread para cada cliente, para que todos sejam atendidos ao mesmo tempo.
#en: # Copy this folder before you change it: `provision apply` restores these files.
#pt: # Copie esta pasta antes de alterá-la: `provision apply` restaura estes arquivos.
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from threading import Thread

from constCS import HOST, PORT


def serve(connection, name):
    #en: print(name, "arrived")
    #pt: print(name, "chegou")
    try:
        with connection:
            while True:
                data = connection.recv(1024)
                #en: # No data: the client left without `fim`. Either way this conversation is over.
                #pt: # Sem dados: o cliente saiu sem `fim`. Nos dois casos esta conversa acabou.
                if not data or data.strip() == b"fim":
                    break
                print(name, data.decode(errors="replace"))
                connection.sendall(data + b"*")
    except ConnectionError:
        #en: # The client vanished mid-conversation: only this thread ends.
        #pt: # O cliente sumiu no meio da conversa: só esta thread termina.
        pass
    #en: print(name, "left")
    #pt: print(name, "saiu")


try:
    with socket(AF_INET, SOCK_STREAM) as server:
        #en: # Without this a restart fails with "Address already in use" for about a minute.
        #pt: # Sem isto, reiniciar falha com "Address already in use" por cerca de um minuto.
        server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        server.bind((HOST, PORT))
        server.listen()
        while True:
            connection, (ip, port) = server.accept()
            #en: # The thread talks with this client; the loop is back at accept() at once.
            #pt: # A thread conversa com este cliente; o laço volta a accept() imediatamente.
            #en: # daemon: threads still talking don't keep the program alive after Ctrl-C.
            #pt: # daemon: threads ainda em conversa não mantêm o programa vivo depois de Ctrl-C.
            Thread(target=serve, args=(connection, f"{ip}:{port}"), daemon=True).start()
except KeyboardInterrupt:
    #en: print("Interrupted.")
    #pt: print("Interrompido.")
