//! A small fuzzer for the tests: every input of a corpus as it is, then such inputs changed at random, for a while.
//!
//! It is not led by coverage; what it finds it finds by the dictionary, by crossing inputs, and by speed.
//! `INFERENCE_GATEWAY_FUZZ_SECONDS` makes it look longer.

use ring::rand::SecureRandom;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LONGEST: usize = 4096;

struct Random(u64);

impl Random {
    /// xorshift64*; from the system only what it starts with.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }

    fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The words of a dictionary in libFuzzer's form: `"text"` with `\\`, `\"` and `\x00`, one a line.
fn dictionary(name: &str) -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(folder().join(format!("{name}.dict"))).expect("a dictionary");
    let word = |line: &str| {
        let mut left = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).expect("quotes").as_bytes();
        let mut word = Vec::new();
        while let [first, rest @ ..] = left {
            (word, left) = match (first, rest) {
                (b'\\', [b'x', high, low, rest @ ..]) => {
                    let digits = [*high, *low];
                    let digits = std::str::from_utf8(&digits).expect("digits");
                    word.push(u8::from_str_radix(digits, 16).expect("digits"));
                    (word, rest)
                }
                (b'\\', [next, rest @ ..]) => {
                    word.push(*next);
                    (word, rest)
                }
                _ => {
                    word.push(*first);
                    (word, rest)
                }
            };
        }
        word
    };
    text.lines().map(word).collect()
}

/// Looks at the corpus `name` and its descendants; `look` panics at what must not be.
fn run(name: &str, look: impl Fn(&[u8])) {
    let files = std::fs::read_dir(folder().join(name)).expect("a corpus").map(|file| file.expect("a file").path());
    let corpus: Vec<Vec<u8>> = files.map(|path| std::fs::read(path).expect("an input")).collect();
    let words = dictionary(name);
    assert!(!corpus.is_empty() && !words.is_empty());
    let shown = |input: &[u8]| {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| look(input))) {
            println!("{name} breaks with \"{}\"", input.escape_ascii());
            resume_unwind(panic);
        }
    };
    corpus.iter().for_each(|input| shown(input));
    let mut seed = [0; 8];
    ring::rand::SystemRandom::new().fill(&mut seed).expect("randomness");
    let mut random = Random(u64::from_be_bytes(seed) | 1);
    let seconds = std::env::var("INFERENCE_GATEWAY_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut looked = 0;
    while Instant::now() < end {
        for _ in 0..64 {
            let mut input = random.pick(&corpus).clone();
            for _ in 0..=random.below(6) {
                change(&mut input, &mut random, &corpus, &words);
            }
            input.truncate(LONGEST);
            shown(&input);
            looked += 1;
        }
    }
    println!("{name}: {looked} inputs");
}

fn change(input: &mut Vec<u8>, random: &mut Random, corpus: &[Vec<u8>], words: &[Vec<u8>]) {
    let at = random.below(input.len() + 1);
    let until = (at + 1 + random.below(16)).min(input.len());
    match random.below(8) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.below(256) as u8,
        2 => input.insert(at, random.below(256) as u8),
        3 if at < until => drop(input.drain(at..until)),
        4 if at < until => {
            let twice = input[at..until].to_vec();
            input.splice(at..at, twice);
        }
        5 => {
            let other = random.pick(corpus);
            let from = random.below(other.len() + 1);
            input.truncate(at);
            input.extend(&other[from..]);
        }
        _ => drop(input.splice(at..at, random.pick(words).iter().copied())),
    }
}

#[test]
fn heads() {
    run("heads", super::heads::look);
}

#[test]
fn route() {
    run("route", super::route::look);
}

#[test]
fn whitelist() {
    run("whitelist", super::whitelist::look);
}

#[test]
fn proxy() {
    run("proxy", super::proxy::look);
}

#[test]
fn authorization() {
    run("authorization", super::authorization::look);
}

#[test]
fn snapshot() {
    run("snapshot", super::snapshot::look);
}
