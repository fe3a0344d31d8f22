#en: # Variant 1, simple: the server accepts one client and ends when that client leaves.
#pt: # Variante 1, simples: o servidor aceita um cliente e termina quando esse cliente sai.
#en: # Copy this folder before you change it: `provision apply` restores these files.
#pt: # Copie esta pasta antes de alterá-la: `provision apply` restaura estes arquivos.
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

from constCS import HOST, PORT

try:
    with socket(AF_INET, SOCK_STREAM) as server:
        #en: # Without this a restart fails with "Address already in use" for about a minute.
        #pt: # Sem isto, reiniciar falha com "Address already in use" por cerca de um minuto.
        server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        server.bind((HOST, PORT))
        server.listen(1)
        #en: # accept() waits for a client and returns a new socket, for this client alone.
        #pt: # accept() espera um cliente e devolve um novo socket, só para esse cliente.
        connection, address = server.accept()
        with connection:
            while True:
                data = connection.recv(1024)
                #en: # No data means that the client has left.
                #pt: # Sem dados: o cliente saiu.
                if not data:
                    break
                print(data.decode(errors="replace"))
                connection.sendall(data + b"*")
except ConnectionError:
    #en: print("The client left without saying goodbye.")
    #pt: print("O cliente saiu sem se despedir.")
except KeyboardInterrupt:
    #en: print("Interrupted.")
    #pt: print("Interrompido.")
