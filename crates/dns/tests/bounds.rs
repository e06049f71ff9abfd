//! Nobody takes the server from the others.

mod common;

use common::world::{World, has_dig, within};
use common::{query, records};
use dns::{Options, Rates};
use hickory_proto::op::Message;
use hickory_proto::rr::RecordType;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

fn question(id: u16) -> Vec<u8> {
    let mut message = query("gw-1.local.gw.example.org", RecordType::A);
    message.metadata.id = id;
    message.to_vec().expect("encodes")
}

fn framed(id: u16) -> Vec<u8> {
    let question = question(id);
    [&u16::try_from(question.len()).expect("short").to_be_bytes()[..], &question].concat()
}

fn read_answer(stream: &mut TcpStream) -> Message {
    let mut len = [0; 2];
    stream.read_exact(&mut len).expect("an answer");
    let mut answer = vec![0; u16::from_be_bytes(len).into()];
    stream.read_exact(&mut answer).expect("all of it");
    Message::from_vec(&answer).expect("decodes")
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("settable");
    stream
}

fn is_closed(stream: &mut TcpStream) -> bool {
    !matches!(stream.read(&mut [0; 1]), Ok(1..))
}

#[test]
fn over_the_limit_some_answers_are_truncated_and_the_rest_dropped() {
    let rates = Rates { per_second: 1, burst: 10, slip: 2 };
    let world = World::start(records(), Options { rates, ..Options::default() });
    world.listen();
    let socket = UdpSocket::bind("127.7.7.7:0").expect("binds");
    socket.connect(world.at("127.0.0.1")).expect("connects");
    for id in 0..40 {
        socket.send(&question(id)).expect("sends");
    }
    socket.set_read_timeout(Some(PATIENCE)).expect("settable");
    let (mut whole, mut truncated) = (0, Vec::new());
    while truncated.len() < 14 {
        let mut buffer = [0; 1500];
        let len = socket.recv(&mut buffer).expect("an answer");
        let answer = Message::from_vec(&buffer[..len]).expect("decodes");
        if answer.metadata.truncation {
            assert!(answer.answers.is_empty() && len <= question(0).len(), "not larger than what was asked");
            truncated.push(answer.metadata.id);
        } else {
            whole += 1;
        }
    }
    // They come in the order of the questions.
    assert!(truncated.windows(2).all(|two| two[1] >= two[0] + 2), "others in between got none: {truncated:?}");
    // 30 over the limit, less one or two that the time paid back.
    assert!((10..13).contains(&whole), "{whole}");
    let mut stream = connect(world.at("127.0.0.1"));
    stream.write_all(&framed(9)).expect("sends");
    assert_eq!(read_answer(&mut stream).answers.len(), 2, "over TCP it comes in full");
}

#[test]
fn a_flood_from_one_network_does_not_silence_another() {
    if !has_dig() {
        return;
    }
    let world = World::start(records(), Options::default());
    world.listen();
    let stop = AtomicBool::new(false);
    let (sent, answered) = std::thread::scope(|scope| {
        let flood = scope.spawn(|| {
            let socket = UdpSocket::bind("127.66.6.6:0").expect("binds");
            socket.connect(world.at("127.0.0.1")).expect("connects");
            let packet = question(1);
            let mut sent = 0u64;
            while !stop.load(Relaxed) {
                sent += u64::from(socket.send(&packet).is_ok());
            }
            sent
        });
        let start = Instant::now();
        let mut answered = Vec::new();
        while start.elapsed() < Duration::from_secs(1) {
            answered.push(world.dig("127.0.0.1", "-b 127.9.9.9 +tries=6 +time=1 +short gw-1.local.gw.example.org"));
        }
        stop.store(true, Relaxed);
        (flood.join().expect("flooded"), answered)
    });
    println!("{} answers beside a flood of {sent} questions", answered.len());
    assert!(sent > 1000 && !answered.is_empty(), "{sent}");
    // Now and then dig has to ask again, and says so before the answer.
    assert!(answered.iter().all(|answer| answer.ends_with("192.0.2.1\n192.0.2.2\n")), "{answered:?}");
}

#[test]
fn questions_in_one_connection_are_answered_in_turn() {
    let world = World::start(records(), Options::default());
    world.listen();
    let mut stream = connect(world.at("127.0.0.1"));
    let all: Vec<u8> = (0..500).flat_map(framed).collect();
    // In pieces that end anywhere.
    for piece in all.chunks(1003) {
        stream.write_all(piece).expect("sends");
    }
    stream.shutdown(Shutdown::Write).expect("half closes");
    for id in 0..500 {
        let answer = read_answer(&mut stream);
        assert_eq!((answer.metadata.id, answer.answers.len()), (id, 2));
    }
    assert!(is_closed(&mut stream));
}

#[test]
fn what_is_no_question_ends_the_connection() {
    let world = World::start(records(), Options::default());
    world.listen();
    for bad in [&[0, 0][..], &[0, 3, 1, 2, 3], &[0xFF, 0xFF, 0, 0], &[0, 12, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
        let mut stream = connect(world.at("127.0.0.1"));
        stream.write_all(bad).expect("sends");
        assert!(is_closed(&mut stream), "{bad:?}");
    }
    let mut stream = connect(world.at("127.0.0.1"));
    stream.write_all(&framed(3)).expect("sends");
    assert_eq!(read_answer(&mut stream).answers.len(), 2, "others are still served");
}

#[test]
fn connections_are_bounded_and_idle_ones_end() {
    let options =
        Options { connections: 6, connections_per_network: 4, idle: Duration::from_millis(500), ..Options::default() };
    let world = World::start(records(), options);
    world.listen();
    let address = world.at("127.0.0.1");
    let start = Instant::now();
    // Each holds its place with the beginning of a question, and one byte more does not make the place last.
    let mut held: Vec<TcpStream> = (0..4).map(|_| connect(address)).collect();
    held.iter_mut().for_each(|stream| stream.write_all(&[0]).expect("sends"));
    let answered = || {
        let mut stream = connect(address);
        let mut len = [0; 2];
        stream.write_all(&framed(6)).is_ok() && stream.read_exact(&mut len).is_ok()
    };
    assert!(!answered(), "one network's places are taken");
    // Another network is served meanwhile.
    let mut other = from("127.9.9.9", address);
    other.write_all(&framed(5)).expect("sends");
    assert_eq!(read_answer(&mut other).answers.len(), 2);
    assert!(held.iter_mut().all(is_closed));
    assert!(start.elapsed() >= options.idle && start.elapsed() < PATIENCE);
    // And then there is room again.
    assert!(within(PATIENCE, answered));
}

/// A connection from another of loopback's addresses.
fn from(client: &str, to: SocketAddr) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("socket");
    let client = SocketAddr::new(client.parse().expect("address"), 0);
    socket.bind(&client.into()).expect("binds");
    socket.connect(&to.into()).expect("connects");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("settable");
    stream
}
