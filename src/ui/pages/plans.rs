//! The plans above, the selected one's steps below with how far each is.

use ratatui::layout::Rect;

use super::{Painter, centred};
use crate::app::{MemberState, Phase, Plan, PlanRun, PlansPage, State, Target, Tone};
use crate::text;

/// Lines that the list of plans takes at most, as a part of the page.
const LIST_PART: u16 = 3;

/// Draws the page.
pub fn render(state: &State, page: &PlansPage, area: Rect, painter: &mut Painter<'_>) {
    let plans = state.plans();
    if plans.is_empty() {
        let lines = [
            "There is no plan, and no host that could be shut down.".to_owned(),
            "Plans stand in the settings as [[plan]] with [[plan.step]]: which domains, what is"
                .to_owned(),
            "done, what is waited for before the next step.".to_owned(),
        ];
        return centred(&lines, area, painter);
    }
    let wanted = u16::try_from(plans.len()).unwrap_or(u16::MAX);
    let height = wanted.min((area.height / LIST_PART).max(1));
    let list = Rect { height, ..area };
    let rows = page.list().visible(usize::from(height));
    for ((y, row), index) in (list.y..list.bottom()).zip(rows).zip(page.list().top()..) {
        let Some(plan) = plans.get(*row) else {
            continue;
        };
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        let run = run_of(state, plan);
        let (words, tone) = run.map_or((String::new(), Tone::Dim), |run| status(state, run));
        let wide = u16::try_from(text::width(&words)).unwrap_or(u16::MAX);
        let room = area.width.saturating_sub(3);
        painter.text(
            area.x + 2,
            y,
            room.saturating_sub(wide + 2),
            &plan.name,
            painter.theme.text,
        );
        let style = painter.tone(tone);
        painter.right(area.x + 2, y, room, &words, style);
        if page.list().selected() == Some(*row) {
            painter.restyle(line, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(area.x, y, 1, "▌", mark);
        }
        painter.hit(line, Target::Choice(index));
    }
    let below = Rect {
        y: list.bottom().saturating_add(1),
        height: area.height.saturating_sub(height + 1),
        ..area
    };
    if let Some(plan) = page.selected(state) {
        steps(state, &plan, below, painter);
    }
}

/// The run of a plan, when it is the one that runs or ran last.
fn run_of<'a>(state: &'a State, plan: &Plan) -> Option<&'a PlanRun> {
    state.plans.run().filter(|run| run.plan.name == plan.name)
}

fn status(state: &State, run: &PlanRun) -> (String, Tone) {
    let step = format!("step {} of {}", run.at + 1, run.plan.steps.len());
    match &run.phase {
        Phase::Begin | Phase::Acting => (format!("runs, {step}"), Tone::Info),
        Phase::Rest(until) => {
            let left = until.saturating_duration_since(state.now.instant);
            (format!("rests {} s, {step}", left.as_secs()), Tone::Info)
        }
        Phase::Stopped(_) => (format!("stopped in {step}"), Tone::Bad),
        Phase::Aborted => (format!("aborted in {step}"), Tone::Warn),
        Phase::Done if run.failed() > 0 => (format!("done, {} failed", run.failed()), Tone::Warn),
        Phase::Done => ("done".to_owned(), Tone::Good),
    }
}

fn steps(state: &State, plan: &Plan, area: Rect, painter: &mut Painter<'_>) {
    let run = run_of(state, plan);
    // A run keeps the domains that it began with.
    let plan = run.map_or(plan, |run| &run.plan);
    let mut lines: Vec<(u16, String, String, Tone)> = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let progress = run.and_then(|run| run.progress(index));
        let words = format!("{}  {}", index + 1, step.words());
        let (count, tone) = match progress {
            None => (
                match state.step_domains(step).len() {
                    1 => "1 domain".to_owned(),
                    count => format!("{count} domains"),
                },
                Tone::Dim,
            ),
            Some(progress) if progress.failed > 0 => (
                format!(
                    "{} of {}, {} failed",
                    progress.ready, progress.all, progress.failed
                ),
                Tone::Bad,
            ),
            Some(progress) if progress.ready == progress.all => (
                format!("{} of {}", progress.ready, progress.all),
                Tone::Good,
            ),
            Some(progress) => (
                format!("{} of {}", progress.ready, progress.all),
                Tone::Info,
            ),
        };
        lines.push((0, words, count, tone));
        for member in run
            .and_then(|run| run.steps.get(index))
            .into_iter()
            .flatten()
        {
            let since = state.now.instant.saturating_duration_since(member.since);
            let (words, tone) = match &member.state {
                MemberState::Asked(_) => (
                    format!("asked {} ago", text::duration_short(since)),
                    Tone::Info,
                ),
                MemberState::Waiting => (
                    format!("waited for {}", text::duration_short(since)),
                    Tone::Info,
                ),
                MemberState::Ready => ("ready".to_owned(), Tone::Good),
                MemberState::Failed(why) => (why.clone(), Tone::Bad),
            };
            lines.push((5, member.name.clone(), words, tone));
        }
    }
    if let Some(Phase::Stopped(why)) = run.map(|run| &run.phase) {
        lines.push((0, String::new(), String::new(), Tone::Normal));
        lines.push((0, why.clone(), String::new(), Tone::Bad));
    }
    // What goes on is seen: the end of a long list gives way to the step that runs.
    let height = usize::from(area.height);
    let first = run.map_or(0, |run| {
        let before: usize = run.steps.iter().take(run.at).map(|m| m.len() + 1).sum();
        before.min(lines.len().saturating_sub(height))
    });
    for (y, (indent, left, right, tone)) in (area.y..area.bottom()).zip(lines.iter().skip(first)) {
        let x = area.x + 2 + indent;
        let room = area.width.saturating_sub(3 + indent);
        let wide = u16::try_from(text::width(&text::visible(right))).unwrap_or(u16::MAX);
        // A reason may be long: the name keeps a third.
        let reason = wide.min(room.saturating_sub(room / 3));
        let style = if *indent == 0 {
            painter.theme.header
        } else {
            painter.theme.text
        };
        painter.text(x, y, room.saturating_sub(reason + 2), left, style);
        let style = painter.tone(*tone);
        painter.right(x + room - reason, y, reason, right, style);
    }
}
