#en: # Client of variants 2 and 3: sends each line typed at the keyboard; `fim` ends.
#pt: # Cliente das variantes 2 e 3: envia cada linha digitada no teclado; `fim` encerra.
#en: # Copy this folder before you change it: `provision apply` restores these files.
#pt: # Copie esta pasta antes de alterá-la: `provision apply` restaura estes arquivos.
import sys
from socket import AF_INET, SOCK_STREAM, socket

from constCS import PORT, SERVER


def receive_answer(connection, message):
    #en: # TCP is a stream: the answer may arrive in pieces. It is longer than the message and ends in `*`.
    #pt: # TCP é um fluxo: a resposta pode chegar em pedaços. Ela é maior que a mensagem e termina em `*`.
    answer = b""
    while len(answer) <= len(message) or not answer.endswith(b"*"):
        piece = connection.recv(1024)
        if not piece:
            #en: raise ConnectionError("the server left")
            #pt: raise ConnectionError("o servidor saiu")
        answer += piece
    return answer


try:
    with socket(AF_INET, SOCK_STREAM) as connection:
        connection.connect((SERVER, PORT))
        #en: print("Connected. Type lines; `fim` ends.")
        #pt: print("Conectado. Digite linhas; `fim` encerra.")
        while True:
            try:
                line = input("> ").strip()
            except EOFError:
                #en: # Ctrl-D at the keyboard: say goodbye too.
                #pt: # Ctrl-D no teclado: despede-se também.
                line = "fim"
            #en: # An empty message can't be sent: TCP carries bytes, and there are none.
            #pt: # Uma mensagem vazia não pode ser enviada: o TCP leva bytes, e não há nenhum.
            if not line:
                continue
            message = line.encode(errors="replace")
            connection.sendall(message)
            if line == "fim":
                break
            print(receive_answer(connection, message).decode(errors="replace"))
except OSError as error:
    #en: sys.exit(f"No conversation with {SERVER}:{PORT}: {error}. Is the server running?")
    #pt: sys.exit(f"Sem conversa com {SERVER}:{PORT}: {error}. O servidor está em execução?")
except KeyboardInterrupt:
    #en: print("\nInterrupted.")
    #pt: print("\nInterrompido.")
