//! Responses: how a request is written and an answer read.

use serde_json::{Value as Json, json};

use super::answer::{Draft, arguments, bad, usage};
use super::taken::{Form, Taken};
use super::{Message, Request, Tool};
use crate::config::ModelConfig;
use crate::error::Result;

/// Where the server listens, below its base.
pub(super) const PATH: &str = "/responses";

/// What a server is told, with only the parts that it takes.
pub(super) fn body(name: &str, config: &ModelConfig, request: &Request, taken: Taken) -> Json {
    let input: Vec<Json> = request.messages.iter().flat_map(items).collect();
    // Nothing is to be kept there: the conversation is sent along each time.
    let mut body = json!({"model": name, "input": input, "store": false, "max_output_tokens": config.max_tokens});
    if taken.temperature {
        body["temperature"] = json!(config.temperature);
    }
    let mut tools: Vec<Json> = request.tools.iter().filter(|_| taken.tools).map(tool).collect();
    if let Some((name, schema)) = &request.schema {
        match taken.form {
            Form::Schema => {
                let format = json!({"type": "json_schema", "name": name, "strict": true, "schema": schema});
                body["text"] = json!({"format": format});
            }
            Form::Call => {
                // With other tools at hand the model may use one of them first.
                let forced = json!({"type": "function", "name": name});
                body["tool_choice"] = if tools.is_empty() { forced } else { json!("required") };
                tools.push(tool(&Tool::answer(name, schema)));
            }
            Form::Json => body["text"] = json!({"format": {"type": "json_object"}}),
            Form::Plain => {}
        }
    }
    if !tools.is_empty() {
        body["tools"] = Json::Array(tools);
    }
    body
}

/// Asks for the answer in pieces.
pub(super) fn streamed(body: &mut Json) {
    body["stream"] = json!(true);
}

/// The items that a message is.
fn items(message: &Message) -> Vec<Json> {
    if let Some(call) = &message.call {
        return vec![json!({"type": "function_call_output", "call_id": call, "output": message.content})];
    }
    let said = json!({"role": message.role.as_str(), "content": message.content});
    let calls = message.calls.iter().map(
        |call| json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}),
    );
    let is_said = !message.content.is_empty() || message.calls.is_empty();
    is_said.then_some(said).into_iter().chain(calls).collect()
}

/// Without `strict: false` the server would make parameters required that are not.
fn tool(Tool { name, description, parameters }: &Tool) -> Json {
    json!({
        "type": "function", "name": name, "description": description, "parameters": parameters, "strict": false,
    })
}

/// The answer in a whole response.
pub(super) fn draft(response: &Json) -> Result<Draft> {
    let output = response["output"].as_array().ok_or_else(|| bad("the model's response holds no answer"))?;
    let mut draft = Draft { usage: usage(&response["usage"]), ended: true, ..Draft::default() };
    for item in output {
        match item["type"].as_str() {
            Some("message") => {
                for part in item["content"].as_array().into_iter().flatten() {
                    draft.text.push_str(part["text"].as_str().unwrap_or_default());
                    draft.declined |= part["refusal"].is_string();
                }
            }
            Some("function_call") => {
                draft.call(item["call_id"].as_str(), item["name"].as_str(), arguments(&item["arguments"]));
            }
            // What the model thought before it answered, and tools that the server runs itself.
            _ => {}
        }
    }
    let reason = &response["incomplete_details"]["reason"];
    draft.cut_off = reason == "max_output_tokens";
    draft.declined |= reason == "content_filter";
    Ok(draft)
}

/// Takes one event of a stream in.
pub(super) fn piece(draft: &mut Draft, event: &Json) -> Result<()> {
    let index = event["output_index"].as_u64().unwrap_or_default();
    let delta = event["delta"].as_str().unwrap_or_default();
    match event["type"].as_str() {
        Some("response.output_text.delta") => draft.text.push_str(delta),
        Some("response.refusal.delta") => draft.declined = true,
        Some("response.output_item.added") if event["item"]["type"] == "function_call" => {
            let item = &event["item"];
            let begun = arguments(&item["arguments"]);
            draft.call_piece(index, item["call_id"].as_str(), item["name"].as_str(), &begun);
        }
        Some("response.function_call_arguments.delta") => draft.call_piece(index, None, None, delta),
        Some("response.completed" | "response.incomplete") => {
            let whole = self::draft(&event["response"])?;
            // The pieces are what was told; the end says the rest.
            if draft.text.is_empty() && !draft.has_calls() {
                *draft = whole;
            } else {
                let Draft { usage, cut_off, declined, .. } = whole;
                *draft = Draft { usage, cut_off, declined, ended: true, ..std::mem::take(draft) };
            }
        }
        None if event["output"].is_array() => *draft = Draft { whole: true, ..self::draft(event)? },
        _ => {}
    }
    Ok(())
}
