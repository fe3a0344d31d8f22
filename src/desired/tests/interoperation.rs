//! The lab's programs with those of others: our clients with servers that answer differently, our servers with clients
//! that have no manners.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::Output;
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use super::practice::{Lab, PATIENCE};
use crate::model::Language;

const CLIENTS: [(&str, &str); 3] =
    [("01-simples", "client-book.py"), ("02-sequencial", "client.py"), ("03-thread", "client.py")];
const SERVERS: [(&str, &str); 2] = [("02-sequencial", "server.py"), ("03-thread", "server-thread.py")];

/// A server of somebody else's on the lab's port, for one client: it gives each message and the connection to `answer`
/// and hangs up when that is false or the client left.
fn serve(lab: &Lab, answer: impl Fn(&[u8], &mut TcpStream) -> bool + Send + 'static) -> JoinHandle<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, lab.port)).unwrap();
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut message = [0; 1024];
        while let Ok(length @ 1..) = stream.read(&mut message) {
            if !answer(&message[..length], &mut stream) {
                return;
            }
        }
    })
}

/// What a client prints besides its greeting and its prompt.
fn printed(output: &Output) -> String {
    let said = String::from_utf8(output.stdout.clone()).unwrap().replace("> ", "");
    said.strip_prefix("Connected. Type lines; `fim` ends.\n").unwrap_or(&said).to_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn whatever_a_server_answers_is_an_answer() {
    for answer in ["Servidor: respondeu X", "*", "k", "no star", "ends in a line\n", "é☃🦀"] {
        for (variant, program) in CLIENTS {
            let lab = Lab::new(Language::English);
            let server = serve(&lab, move |_, stream| stream.write_all(answer.as_bytes()).is_ok());
            let output = lab.client(variant, program, "X\nsecond\nfim\n");
            let times = if variant == "01-simples" { 1 } else { 2 };
            assert_eq!(printed(&output), format!("{answer}\n").repeat(times), "{variant}");
            assert!(output.status.success(), "{variant}: {}", complaint(&output));
            server.join().unwrap();
        }
    }
}

#[test]
fn an_answer_that_is_no_text_is_shown_as_far_as_it_is() {
    for (variant, program) in CLIENTS {
        let lab = Lab::new(Language::English);
        let server = serve(&lab, |_, stream| stream.write_all(b"ol\xe1\xff*").is_ok());
        let output = lab.client(variant, program, "X\nfim\n");
        assert_eq!(printed(&output), "ol\u{fffd}\u{fffd}*\n", "{variant}");
        assert!(output.status.success(), "{}", complaint(&output));
        server.join().unwrap();
    }
}

/// The original sequential server says nothing to it; another one may say goodbye.
#[test]
fn goodbye_waits_for_nothing() {
    for answer in ["", "tchau"] {
        for (variant, program) in &CLIENTS[1..] {
            let lab = Lab::new(Language::English);
            let server = serve(&lab, move |message, stream| {
                stream.write_all(if message == b"fim" { answer } else { "yes" }.as_bytes()).is_ok()
            });
            let output = lab.client(variant, program, "X\nfim\n");
            assert_eq!((printed(&output).as_str(), complaint(&output).as_str()), ("yes\n", ""));
            assert!(output.status.success());
            server.join().unwrap();
        }
    }
}

#[test]
fn a_server_that_leaves_is_told() {
    for (variant, program) in CLIENTS {
        for language in [Language::English, Language::Portuguese] {
            let lab = Lab::new(language);
            let server = serve(&lab, |_, _| false);
            let output = lab.client(variant, program, "X\nsecond\nfim\n");
            let complaint = complaint(&output);
            let words = if language == Language::English { "the server left" } else { "o servidor saiu" };
            assert!(!output.status.success() && complaint.contains(words), "{variant}: {complaint}");
            assert_eq!(complaint.lines().count(), 1, "{complaint}");
            server.join().unwrap();
        }
    }
}

/// A server may be busy with another client: that is told, and is no reason to leave.
#[test]
fn a_client_says_what_it_waits_for() {
    let waiting = CLIENTS.map(|(variant, program)| {
        std::thread::spawn(move || {
            let lab = Lab::new(Language::Portuguese);
            let server = serve(&lab, |_, stream| {
                sleep(Duration::from_secs(5));
                stream.write_all(b"enfim").is_ok()
            });
            let output = lab.client(variant, program, "X\nfim\n");
            let said = printed(&output);
            let port = lab.port.to_string();
            assert!(said.contains("sperando a resposta de localhost:") && said.contains(&port), "{said}");
            assert!(said.ends_with("enfim\n"), "{said}");
            assert!(output.status.success(), "{}", complaint(&output));
            server.join().unwrap();
        })
    });
    for client in waiting {
        client.join().unwrap();
    }
}

/// Hears all that comes until the server leaves.
fn rest(mut stream: TcpStream) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

#[test]
fn clients_that_send_without_pause_get_it_all_back() {
    for (variant, program) in SERVERS {
        let lab = Lab::new(Language::English);
        let mut server = lab.serve(variant, program);
        let talk = lab.connect().0;
        let mut sender = talk.try_clone().unwrap();
        let messages: Vec<String> = (0..20_000).map(|number| format!("{number} ")).collect();
        let wanted = messages.concat();
        let sending = std::thread::spawn(move || {
            for message in messages {
                sender.write_all(message.as_bytes()).unwrap();
            }
            sender.shutdown(Shutdown::Write).unwrap();
        });
        assert_eq!(rest(talk).replace('*', ""), wanted);
        sending.join().unwrap();
        lab.connect().ask("next");
        server.interrupt();
        let (good, said) = server.ended();
        assert!(good && !said.contains("Traceback"), "{said}");
    }
}

/// Whoever sends and never reads holds up nobody but itself in the end.
#[test]
fn a_client_that_never_reads_is_over_when_it_leaves() {
    for (variant, program) in SERVERS {
        let lab = Lab::new(Language::English);
        let mut server = lab.serve(variant, program);
        let mut deaf = lab.connect();
        deaf.0.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        while deaf.0.write_all(&[b'x'; 1024]).is_ok() {}
        if variant == "03-thread" {
            lab.connect().ask("meanwhile");
        }
        drop(deaf);
        lab.connect().ask("next");
        server.interrupt();
        let (good, said) = server.ended();
        assert!(good && !said.contains("Traceback"), "{}", &said[said.len().saturating_sub(500)..]);
    }
}

#[test]
fn messages_in_pieces_and_bytes_that_are_no_text_are_answered() {
    for (variant, program) in SERVERS.into_iter().chain([("01-simples", "server-book.py")]) {
        let lab = Lab::new(Language::Portuguese);
        let mut server = lab.serve(variant, program);
        let mut talk = lab.connect();
        talk.0.set_nodelay(true).unwrap();
        for piece in ["é".as_bytes(), b"\xc3", b"\xa9", b"\xff\xfe\x00", b"f", b"im"] {
            talk.0.write_all(piece).unwrap();
            let mut answer = vec![0; piece.len() + 1];
            talk.0.set_read_timeout(Some(PATIENCE)).unwrap();
            talk.0.read_exact(&mut answer).unwrap();
            assert_eq!(answer, [piece, b"*"].concat(), "{variant}");
        }
        drop(talk);
        if variant != "01-simples" {
            lab.connect().ask("a próxima");
            server.interrupt();
        }
        let (good, said) = server.ended();
        assert!(good && !said.contains("Traceback"), "{said}");
    }
}
