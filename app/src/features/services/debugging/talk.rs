//! What a conversation asks and hears.

use super::reply::{Reply, Turn, first_model, question};
use super::stream::Exchange;
use crate::texts::Texts;
use domain::debugging::{Answer, DebugDraft, Failure, Heard};
use domain::id::ServiceId;
use leptos::prelude::*;

/// What is on the page.
#[derive(Clone, Copy)]
pub struct Talk {
    pub turns: RwSignal<Vec<Turn>>,
    pub reply: RwSignal<Reply>,
    /// When its first word came and how long it went on, microseconds of the console's clock and of the browser's.
    pub first_us: RwSignal<Option<u64>>,
    pub took_ms: RwSignal<f64>,
    pub problem: RwSignal<Option<Problem>>,
    pub exchange: Exchange,
    pub texts: Texts,
}

/// Why there is no reply, or not all of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Problem {
    /// In the reader's language already.
    Said(String),
    /// Translated where it is shown: a task has no language.
    Failed(Failure),
}

pub async fn ask(talk: Talk, id: ServiceId, token: String, model: String, said: String) {
    talk.problem.set(None);
    talk.first_us.set(None);
    talk.took_ms.set(0.0);
    talk.reply.set(Reply::default());
    talk.turns.update(|turns| turns.push(Turn { role: "user", content: said }));
    let get =
        DebugDraft { method: "GET".into(), path: "/v1/models".into(), token: token.clone(), ..DebugDraft::default() };
    let model = if model.trim().is_empty() {
        let mut answer = Answer::default();
        let heard = talk.exchange.send(&id, &get, |all| all.into_iter().for_each(|each| answer.hear(each))).await;
        if !matches!(heard, Ok(true)) {
            return over(talk, heard, None);
        }
        first_model(&answer.text).unwrap_or_default()
    } else {
        model.trim().to_owned()
    };
    let Some(turns) = talk.turns.try_get_untracked() else { return };
    let body = question(&model, &turns);
    let post =
        DebugDraft { method: "POST".into(), path: "/v1/chat/completions".into(), body, json: true, token, ..get };
    let (mut answer, mut began) = (Answer::default(), None);
    let heard = talk
        .exchange
        .send(&id, &post, |all| {
            for each in all {
                if let Heard::Text { text } = &each {
                    let is_word = talk.reply.try_update(|reply| reply.take(text)).unwrap_or(false);
                    let now = js_sys::Date::now();
                    match began {
                        None if is_word => {
                            began = Some(now);
                            let _ = talk.first_us.try_set(answer.head_us);
                        }
                        Some(began) if is_word => {
                            let _ = talk.took_ms.try_set(now - began);
                        }
                        _ => {}
                    }
                }
                answer.hear(each);
            }
        })
        .await;
    over(talk, heard, Some(answer));
}

/// The reply becomes a turn; what went wrong is said.
fn over(talk: Talk, heard: Result<bool, crate::error::ApiError>, answer: Option<Answer>) {
    let problem = match (&heard, &answer) {
        (Err(error), _) => Some(Problem::Said(talk.texts.error(error))),
        (_, Some(answer)) => match (answer.failed, answer.status) {
            (Some(why), _) => Some(Problem::Failed(why)),
            (None, Some(status)) if status >= 400 => Some(Problem::Said(format!("{status}: {}", answer.text))),
            _ => None,
        },
        _ => None,
    };
    let failed = problem.is_some();
    let _ = talk.problem.try_set(problem);
    let reply = talk.reply.try_update(|reply| {
        if !failed {
            reply.end();
        }
        reply.text.clone()
    });
    if let Some(content) = reply.filter(|text| !(text.is_empty() || failed && answer.is_none())) {
        talk.turns.try_update(|turns| turns.push(Turn { role: "assistant", content }));
    }
}
