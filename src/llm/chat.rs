//! Chat Completions: how a request is written and an answer read.

use serde_json::{Value as Json, json};

use super::answer::{Draft, arguments, bad, content, usage};
use super::taken::{Form, Taken};
use super::{Message, Request, Role, Tool, ToolCall};
use crate::config::ModelConfig;
use crate::error::Result;

/// Where the server listens, below its base.
pub(super) const PATH: &str = "/chat/completions";

/// What a server is told, with only the parts that it takes.
pub(super) fn body(name: &str, config: &ModelConfig, request: &Request, taken: Taken) -> Json {
    let messages: Vec<Json> = request.messages.iter().map(message).collect();
    let mut body = json!({"model": name, "messages": messages});
    let length = if taken.old_length { "max_tokens" } else { "max_completion_tokens" };
    body[length] = json!(config.max_tokens);
    if taken.temperature {
        body["temperature"] = json!(config.temperature);
    }
    let mut tools: Vec<Json> = request.tools.iter().filter(|_| taken.tools).map(tool).collect();
    if let Some((name, schema)) = &request.schema {
        match taken.form {
            Form::Schema => {
                body["response_format"] =
                    json!({"type": "json_schema", "json_schema": {"name": name, "strict": true, "schema": schema}});
            }
            Form::Call => {
                // With other tools at hand the model may use one of them first.
                let forced = json!({"type": "function", "function": {"name": name}});
                body["tool_choice"] = if tools.is_empty() { forced } else { json!("required") };
                tools.push(tool(&Tool::answer(name, schema)));
            }
            Form::Json => body["response_format"] = json!({"type": "json_object"}),
            Form::Plain => {}
        }
    }
    if !tools.is_empty() {
        body["tools"] = Json::Array(tools);
    }
    body
}

/// Asks for the answer in pieces.
pub(super) fn streamed(body: &mut Json, taken: Taken) {
    body["stream"] = json!(true);
    if taken.stream_usage {
        body["stream_options"] = json!({"include_usage": true});
    }
}

fn message(message: &Message) -> Json {
    let mut written = json!({"role": message.role.as_str(), "content": message.content});
    if message.role == Role::Assistant && !message.calls.is_empty() {
        written["tool_calls"] = message.calls.iter().map(call).collect();
        if message.content.is_empty() {
            written["content"] = Json::Null;
        }
    }
    if let Some(call) = &message.call {
        written["tool_call_id"] = json!(call);
    }
    written
}

fn call(ToolCall { id, name, arguments }: &ToolCall) -> Json {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

fn tool(Tool { name, description, parameters }: &Tool) -> Json {
    json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
}

/// The answer in a whole response.
pub(super) fn draft(response: &Json) -> Result<Draft> {
    let choice = response.pointer("/choices/0").ok_or_else(|| bad("the model's response holds no answer"))?;
    let message = &choice["message"];
    let mut draft = Draft { text: content(&message["content"]), usage: usage(&response["usage"]), ..Draft::default() };
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        draft.call(call["id"].as_str(), call["function"]["name"].as_str(), arguments(&call["function"]["arguments"]));
    }
    // How functions were called before there were tools; some servers still do.
    if let Some(name) = message["function_call"]["name"].as_str() {
        draft.call(None, Some(name), arguments(&message["function_call"]["arguments"]));
    }
    draft.declined = message["refusal"].is_string();
    end(&mut draft, choice);
    draft.ended = true;
    Ok(draft)
}

/// Takes one event of a stream in.
pub(super) fn piece(draft: &mut Draft, event: &Json) -> Result<()> {
    // Some servers send the cost with every piece, as far as it has come.
    if event["usage"].is_object() {
        draft.usage = usage(&event["usage"]);
    }
    let Some(choice) = event.pointer("/choices/0") else { return Ok(()) };
    if choice["message"].is_object() {
        *draft = Draft { whole: true, ..self::draft(event)? };
        return Ok(());
    }
    let delta = &choice["delta"];
    draft.text.push_str(&content(&delta["content"]));
    for (place, call) in (0..).zip(delta["tool_calls"].as_array().into_iter().flatten()) {
        let (index, function) = (call["index"].as_u64().unwrap_or(place), &call["function"]);
        draft.call_piece(index, call["id"].as_str(), function["name"].as_str(), &arguments(&function["arguments"]));
    }
    draft.declined |= delta["refusal"].is_string();
    end(draft, choice);
    Ok(())
}

fn end(draft: &mut Draft, choice: &Json) {
    let Some(reason) = choice["finish_reason"].as_str() else { return };
    draft.ended = true;
    draft.cut_off = reason == "length";
    draft.declined |= reason == "content_filter";
}
