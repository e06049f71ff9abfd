//! Plays a model server: takes its command line, or refuses it as the program does, and answers its health path.
#![forbid(unsafe_code)]

mod command_line;
mod program;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args();
    let called = words.next().unwrap_or_default();
    let name = called.rsplit('/').next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    let Some(program) = program::named(name) else {
        eprintln!("recorder: no program is called {name}; call it by one of the names in program.rs");
        return ExitCode::from(2);
    };
    match command_line::read(&program, &words) {
        Ok(taken) => match program.place(&taken) {
            Ok(place) => serve::serve(&program, &place, &words),
            Err(reason) => {
                eprintln!("{reason}");
                ExitCode::FAILURE
            }
        },
        Err(refusal) => {
            eprintln!("{}", refusal.text);
            ExitCode::from(refusal.status)
        }
    }
}
