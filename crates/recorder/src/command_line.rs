//! Takes a command line apart as the program would, and refuses what the program would refuse.

use crate::program::{Follows, Program, Style};

/// Flags with what followed them.
#[derive(Debug, Default)]
pub struct Taken(Vec<(String, String)>);

impl Taken {
    pub fn value(&self, flag: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == flag).map(|(_, value)| value.as_str())
    }
}

pub struct Refusal {
    pub text: String,
    pub status: u8,
}

pub fn read(program: &Program, words: &[String]) -> Result<Taken, Refusal> {
    let rest = words.strip_prefix(program.words.as_slice()).ok_or_else(|| {
        let wanted = program.words.join(" ");
        program.refuse(&format!("the command line starts with {wanted}"), "")
    })?;
    let mut taken = Taken::default();
    let mut positional = 0;
    let mut words = rest.iter().peekable();
    while let Some(word) = words.next() {
        // Negative numbers are values.
        let is_flag = word.starts_with('-') && !word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
        if !is_flag {
            positional += 1;
            if positional > program.positional {
                return Err(program.unknown(word));
            }
            continue;
        }
        let (flag, inline) = match word.split_once('=') {
            Some((flag, value)) if program.style != Style::Llama => (flag, Some(value)),
            _ => (word.as_str(), None),
        };
        let follows = *program.flags.get(flag).ok_or_else(|| program.unknown(word))?;
        let value = match (follows, inline) {
            (Follows::Nothing, None) => String::new(),
            (Follows::Nothing, Some(_)) => return Err(program.refuse("takes no value", flag)),
            (_, Some(value)) => value.to_owned(),
            (Follows::Value, None) => words
                .next()
                .filter(|value| is_value(value))
                .ok_or_else(|| program.refuse("needs a value", flag))?
                .clone(),
            (Follows::Values, None) => {
                let mut values = Vec::new();
                while let Some(value) = words.next_if(|value| !value.starts_with('-')) {
                    values.push(value.clone());
                }
                if values.is_empty() {
                    return Err(program.refuse("needs a value", flag));
                }
                values.join(" ")
            }
        };
        taken.0.push((flag.to_owned(), value));
    }
    match program.needs.iter().find(|flag| taken.value(flag).is_none()) {
        Some(flag) => Err(program.refuse("is required", flag)),
        None => Ok(taken),
    }
}

fn is_value(word: &str) -> bool {
    !word.starts_with("--")
}

impl Program {
    fn unknown(&self, word: &str) -> Refusal {
        let (text, status) = match self.style {
            Style::Argparse => (format!("{}: error: unrecognized arguments: {word}", self.name), 2),
            Style::Clap => (format!("error: unexpected argument '{word}' found"), 2),
            Style::Getopt => (format!("{}: unrecognized option '{word}'", self.name), 1),
            Style::Llama => (format!("error: invalid argument: {word}"), 1),
        };
        Refusal { text, status }
    }

    fn refuse(&self, why: &str, flag: &str) -> Refusal {
        let status = if matches!(self.style, Style::Argparse | Style::Clap) { 2 } else { 1 };
        Refusal { text: format!("{}: error: {flag} {why}", self.name), status }
    }
}
