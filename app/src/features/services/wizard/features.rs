//! Features: all that a service does well without.

use super::fields::Fields;
use super::{checks, scaling, traffic};
use leptos::prelude::*;
use ui::Section;

pub(super) fn features(fields: &Fields) -> AnyView {
    let readiness = checks::readiness(fields);
    let others = vec![checks::startup(fields), checks::liveness(fields), traffic::rollout(fields)];
    let treated =
        vec![traffic::limits(fields), traffic::timeouts(fields), traffic::balancing(fields), traffic::protocol(fields)];
    let scaled = vec![scaling::autoscaling(fields), scaling::to_zero(fields)];
    view! {
        <Section title=tr!(wizard.features) description=tr!(wizard.features_hint) id="features">
            <div class="folds">
                {readiness} <div class="of-started">{others}</div> {treated} <div class="of-started">{scaled}</div>
            </div>
        </Section>
    }
    .into_any()
}
