#en: # Variant 1, simple: the client sends one message, prints the answer and ends.
#pt: # Variante 1, simples: o cliente envia uma mensagem, mostra a resposta e termina.
#en: # Copy this folder before you change it: `provision apply` restores these files.
#pt: # Copie esta pasta antes de alterá-la: `provision apply` restaura estes arquivos.
import sys
from socket import AF_INET, SOCK_STREAM, socket, timeout

from constCS import PORT, SERVER

try:
    with socket(AF_INET, SOCK_STREAM) as connection:
        connection.settimeout(3)
        connection.connect((SERVER, PORT))
        connection.sendall("Hello World".encode())
        #en: # recv() waits for what the server answers, whatever it is, and gives up to 1024 bytes of it.
        #pt: # recv() espera o que o servidor responder, seja o que for, e devolve até 1024 bytes disso.
        try:
            answer = connection.recv(1024)
        except timeout:
            #en: print(f"Waiting for the answer of {SERVER}:{PORT}... Ctrl-C ends.")
            #pt: print(f"Esperando a resposta de {SERVER}:{PORT}... Ctrl-C encerra.")
            connection.settimeout(None)
            answer = connection.recv(1024)
    if not answer:
        #en: raise ConnectionError("the server left")
        #pt: raise ConnectionError("o servidor saiu")
    print(answer.decode(errors="replace"))
except OSError as error:
    #en: sys.exit(f"No conversation with {SERVER}:{PORT}: {error}. Is the server running?")
    #pt: sys.exit(f"Sem conversa com {SERVER}:{PORT}: {error}. O servidor está em execução?")
except KeyboardInterrupt:
    #en: print("Interrupted.")
    #pt: print("Interrompido.")
