//! What the main agent of a gateway is asked to do.

use crate::boards::Board;
use crate::messaging::text::{one_line, snippet};

/// The request to onboard a board.
pub(super) fn text(board: &Board, base_url: &str) -> String {
    let or_none = |text: String| if text.trim().is_empty() { "(not provided)".to_owned() } else { text };
    let (name, description) = (or_none(one_line(&board.name)), or_none(snippet(&board.description)));
    let endpoint = format!("{base_url}/api/v1/agent/boards/{}/onboarding", board.id);
    format!(
        r#"BOARD ONBOARDING REQUEST

Board Name: {name}
Board Description: {description}

You are the gateway agent. Find out from the user what this board is for and how its lead should work. Ask 6-10 questions
in all, one at a time:
- 3-6 about the goal of the board.
- 1 to pick a name for the lead of the board, a first name that no other agent has.
- 2-4 about how the user likes the lead to work: autonomy, verbosity, format of reports, how often.
- one last question, asked once and at the very end: "Anything else we should know?" with an option such as
  "Yes (I'll type it)".
Where an answer has to be typed, the label of its option says so with the words "I'll type it". Earlier questions have
such an option only if they need it. When an "Additional context" message comes later, work it in and send the completion
again.

Answer only through the API, never in chat. Send one question a message, no list of questions and no comments.
Base URL: {base_url}
Use your AUTH_TOKEN as X-Agent-Token.
Endpoint: POST {endpoint}

A question:
curl -s -X POST "{endpoint}" -H "X-Agent-Token: $AUTH_TOKEN" -H "Content-Type: application/json" \
  -d '{{"question":"What should this board achieve?","options":[{{"id":"1","label":"Ship a feature"}},{{"id":"2","label":"Other (I'll type it)"}}]}}'

The completion, when you know enough:
curl -s -X POST "{endpoint}" -H "X-Agent-Token: $AUTH_TOKEN" -H "Content-Type: application/json" \
  -d '{{"status":"complete","board_type":"goal","objective":"...","success_metrics":{{"metric":"...","target":"..."}},"target_date":"YYYY-MM-DD","user_profile":{{"preferred_name":"...","pronouns":"...","timezone":"...","notes":"...","context":"..."}},"lead_agent":{{"name":"Ava","identity_profile":{{"role":"Board Lead","communication_style":"direct","emoji":":gear:"}},"autonomy_level":"balanced","verbosity":"concise","output_format":"bullets","update_cadence":"daily","custom_instructions":"..."}}}}'

board_type: goal or general. A goal needs an objective and success_metrics.
autonomy_level: ask_first, balanced or autonomous.
verbosity: concise, balanced or detailed.
output_format: bullets, mixed or narrative.
update_cadence: asap, hourly, daily or weekly.
The completion always has board_type, user_profile and lead_agent; for a goal objective and success_metrics, too."#
    )
}
