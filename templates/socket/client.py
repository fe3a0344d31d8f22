#en: # Client of variants 2 and 3: sends each line typed at the keyboard; `fim` ends.
#pt: # Cliente das variantes 2 e 3: envia cada linha digitada no teclado; `fim` encerra.
#en: # Copy this folder before you change it: `provision apply` restores these files.
#pt: # Copie esta pasta antes de alterá-la: `provision apply` restaura estes arquivos.
import sys
from socket import AF_INET, SOCK_STREAM, socket, timeout

from constCS import PORT, SERVER


def receive_answer(connection):
    #en: # recv() waits for what the server answers, whatever it is, and gives up to 1024 bytes of it.
    #pt: # recv() espera o que o servidor responder, seja o que for, e devolve até 1024 bytes disso.
    connection.settimeout(3)
    try:
        answer = connection.recv(1024)
    except timeout:
        #en: # The server may be talking with another client: we stay in the queue.
        #pt: # O servidor pode estar conversando com outro cliente: ficamos na fila.
        #en: print(f"Waiting for the answer of {SERVER}:{PORT}... Ctrl-C ends.")
        #pt: print(f"Esperando a resposta de {SERVER}:{PORT}... Ctrl-C encerra.")
        connection.settimeout(None)
        answer = connection.recv(1024)
    #en: # No data means that the server has left.
    #pt: # Sem dados: o servidor saiu.
    if not answer:
        #en: raise ConnectionError("the server left")
        #pt: raise ConnectionError("o servidor saiu")
    return answer.decode(errors="replace")


try:
    with socket(AF_INET, SOCK_STREAM) as connection:
        connection.settimeout(10)
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
            connection.sendall(line.encode(errors="replace"))
            if line == "fim":
                break
            print(receive_answer(connection))
except OSError as error:
    #en: sys.exit(f"No conversation with {SERVER}:{PORT}: {error}. Is the server running?")
    #pt: sys.exit(f"Sem conversa com {SERVER}:{PORT}: {error}. O servidor está em execução?")
except KeyboardInterrupt:
    #en: print("\nInterrupted.")
    #pt: print("\nInterrompido.")
