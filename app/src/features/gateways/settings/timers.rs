//! Which timer covers what, drawn as bars in a table: readable on a phone and by a screen reader.

use leptos::prelude::*;
use ui::{Column, DataTable};

/// The phases of a request, in order, that a timer covers: from, and how many.
type Covers = (usize, usize);

const PHASES: usize = 4;

pub(super) fn timers() -> AnyView {
    let head = vec![
        Column::new(tr!(settings.timer)),
        Column::new(tr!(settings.phase_queue)),
        Column::new(tr!(settings.phase_connect)),
        Column::new(tr!(settings.phase_wait)),
        Column::new(tr!(settings.phase_answer)),
    ];
    let row = |name: String, ends: String, (from, count): Covers| {
        let cell = |phase: usize| {
            let covered = (from..from + count).contains(&phase);
            let mark = if covered {
                view! { <span class="timer-bar" role="img" aria-label=tr!(settings.covered)></span> }.into_any()
            } else {
                view! { <span class="muted" aria-hidden="true">"·"</span> }.into_any()
            };
            view! { <td class="timer">{mark}</td> }.into_any()
        };
        view! {
            <tr>
                <th scope="row">
                    {name} <div class="muted">{ends}</div>
                </th>
                {(0..PHASES).map(cell).collect::<Vec<_>>()}
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(settings.timers) head compare=true>
            {row(tr!(settings.request), tr!(settings.request_ends), (0, 3))}
            {row(tr!(settings.connect), tr!(settings.connect_ends), (1, 1))}
            {row(tr!(settings.first_byte), tr!(settings.first_byte_ends), (2, 1))}
            {row(tr!(settings.idle), tr!(settings.idle_ends), (3, 1))}
        </DataTable>
    }
    .into_any()
}
