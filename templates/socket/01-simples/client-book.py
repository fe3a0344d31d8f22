#en: # Variant 1, simple: the client sends one message, prints the answer and ends.
#pt: # Variante 1, simples: o cliente envia uma mensagem, mostra a resposta e termina.
#en: # Copy this folder before you change it: `provision apply` restores these files.
#pt: # Copie esta pasta antes de alterá-la: `provision apply` restaura estes arquivos.
import sys
from socket import AF_INET, SOCK_STREAM, socket

from constCS import PORT, SERVER

message = "Hello World".encode()
answer = b""

try:
    with socket(AF_INET, SOCK_STREAM) as connection:
        connection.connect((SERVER, PORT))
        connection.sendall(message)
        #en: # TCP is a stream: the answer may arrive in pieces. It is the message and a `*` more.
        #pt: # TCP é um fluxo: a resposta pode chegar em pedaços. Ela é a mensagem e um `*` a mais.
        while len(answer) <= len(message):
            piece = connection.recv(1024)
            if not piece:
                break
            answer += piece
    print(answer.decode(errors="replace"))
except OSError as error:
    #en: sys.exit(f"No conversation with {SERVER}:{PORT}: {error}. Is the server running?")
    #pt: sys.exit(f"Sem conversa com {SERVER}:{PORT}: {error}. O servidor está em execução?")
except KeyboardInterrupt:
    #en: print("Interrupted.")
    #pt: print("Interrompido.")
