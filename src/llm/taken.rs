//! What a server takes of a request's optional parts; learned from its refusals.

use super::Request;
use super::transport::Refused;

/// How the model is held to a schema, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// The server holds it to the JSON schema.
    Schema,
    /// It must call a tool whose arguments have the schema.
    Call,
    /// The server holds it to some JSON; the messages say which.
    Json,
    /// Only the messages say it.
    Plain,
}

/// What one model on one server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) form: Form,
    pub(super) tools: bool,
    pub(super) temperature: bool,
    /// OpenAI's newer models call `max_tokens` `max_completion_tokens`.
    pub(super) old_length: bool,
    pub(super) stream: bool,
    /// Whether the end of a stream may be asked to tell the cost.
    pub(super) stream_usage: bool,
}

impl Taken {
    /// What to try first.
    pub(super) const ALL: Self =
        Self { form: Form::Schema, tools: true, temperature: true, old_length: true, stream: true, stream_usage: true };

    /// A plainer request that the server may take after it refused this one, or `None`.
    ///
    /// A refusal that names no part is blamed on the schema first, the part that most servers lack. One
    /// about the length of the prompt is not: a plainer request would meet it again.
    pub(super) fn plainer(self, refused: &Refused, request: &Request, streams: bool) -> Option<Self> {
        let body = refused.body.to_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| body.contains(word));
        let (form, tools) =
            (names(&["response_format", "json_schema", "json_object", "text.format"]), names(&["tool", "function"]));
        match refused.status.as_u16() {
            400 | 404 | 415 | 422 | 501 => {}
            // llama.cpp fails so when it was started without what tools need.
            500 if form || tools => {}
            _ => return None,
        }
        if self.old_length && names(&["max_completion_tokens"]) {
            return Some(Self { old_length: false, ..self });
        }
        if self.temperature && names(&["temperature"]) {
            return Some(Self { temperature: false, ..self });
        }
        if streams && self.stream && names(&["stream"]) {
            let about_usage = self.stream_usage && names(&["stream_options", "include_usage"]);
            return Some(Self { stream: about_usage, stream_usage: false, ..self });
        }
        let has_schema = request.schema.is_some();
        let asks_form = has_schema && matches!(self.form, Form::Schema | Form::Json);
        let asks_call = has_schema && self.form == Form::Call;
        let asks_tools = self.tools && !request.tools.is_empty();
        if form && asks_form {
            let form = if self.form == Form::Schema { Form::Call } else { Form::Plain };
            return Some(Self { form, ..self });
        }
        if tools && asks_call {
            return Some(Self { form: Form::Json, ..self });
        }
        if tools && asks_tools {
            return Some(Self { tools: false, ..self });
        }
        if names(&["context_length", "context length", "context size"]) || refused.status.as_u16() == 404 {
            return None;
        }
        if has_schema && self.form != Form::Plain {
            return Some(Self { form: Form::Plain, ..self });
        }
        if asks_tools {
            return Some(Self { tools: false, ..self });
        }
        (streams && self.stream).then_some(Self { stream: false, ..self })
    }

    /// What is known after a request that was taken with `other`: what either has learned to leave out. A request that was
    /// under way at the same time, or had no schema, takes nothing of it back.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            form: self.form.max(other.form),
            tools: self.tools && other.tools,
            temperature: self.temperature && other.temperature,
            old_length: self.old_length && other.old_length,
            stream: self.stream && other.stream,
            stream_usage: self.stream_usage && other.stream_usage,
        }
    }

    /// What to try next time, where a model that had to call `answer` did not: its server does not hear that it must.
    pub(super) fn unheard(self) -> Self {
        if self.form == Form::Call { Self { form: Form::Json, ..self } } else { self }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::{Form, Refused, Request, Taken};
    use crate::llm::Tool;

    fn refused(status: u16, body: &str) -> Refused {
        Refused { status: StatusCode::from_u16(status).unwrap(), after: None, body: body.to_owned() }
    }

    fn request(schema: bool, tools: bool) -> Request {
        let tool = Tool { name: "look".to_owned(), description: String::new(), parameters: json!({}) };
        Request {
            schema: schema.then(|| ("answer".to_owned(), json!({}))),
            tools: if tools { vec![tool] } else { Vec::new() },
            ..Request::default()
        }
    }

    /// What is left after a refusal with this status and body.
    fn left(taken: Taken, status: u16, body: &str, schema: bool, tools: bool) -> Option<Taken> {
        taken.plainer(&refused(status, body), &request(schema, tools), false)
    }

    #[test]
    fn a_plainer_request_leaves_out_what_was_refused() {
        let length = left(Taken::ALL, 400, "'max_tokens': use 'max_completion_tokens' instead", true, false);
        assert_eq!(length, Some(Taken { old_length: false, ..Taken::ALL }));
        let temperature = left(Taken::ALL, 400, "Unsupported value: 'temperature'", true, false);
        assert_eq!(temperature, Some(Taken { temperature: false, ..Taken::ALL }));
        let tools = left(Taken::ALL, 400, "model does not support tools", true, true);
        assert_eq!(tools, Some(Taken { tools: false, ..Taken::ALL }));
        assert_eq!(left(Taken::ALL, 500, "tools param requires --jinja flag", true, true), tools);
    }

    #[test]
    fn a_schema_is_given_up_in_steps() {
        let bad = "This response_format type is unavailable now";
        let call = left(Taken::ALL, 400, bad, true, false).unwrap();
        assert_eq!(call.form, Form::Call);
        let json = left(call, 422, "unknown field tool_choice", true, false).unwrap();
        assert_eq!(json.form, Form::Json);
        let plain = left(json, 400, bad, true, false).unwrap();
        assert_eq!(plain.form, Form::Plain);
        assert_eq!(left(plain, 400, bad, true, false), None);
    }

    #[test]
    fn a_refusal_that_names_nothing_is_blamed_on_the_schema_then_on_tools() {
        let plain = left(Taken::ALL, 400, "{}", true, true).unwrap();
        assert_eq!(plain, Taken { form: Form::Plain, ..Taken::ALL });
        assert_eq!(left(plain, 400, "{}", true, true), Some(Taken { tools: false, ..plain }));
        assert_eq!(left(plain, 400, "{}", true, false), None);
        assert_eq!(left(Taken::ALL, 400, "{}", false, false), None);
    }

    #[test]
    fn a_stream_is_given_up_after_what_it_says_of_its_cost() {
        let ask = |taken: Taken, body: &str| taken.plainer(&refused(400, body), &request(false, false), true);
        let silent = ask(Taken::ALL, "unknown field stream_options").unwrap();
        assert_eq!(silent, Taken { stream_usage: false, ..Taken::ALL });
        assert!(!ask(silent, "stream is not supported").unwrap().stream);
        assert!(!ask(Taken::ALL, "stream is not supported").unwrap().stream);
        let whole = ask(Taken::ALL, "{}").unwrap();
        assert!(!whole.stream);
        assert_eq!(ask(whole, "{}"), None);
    }

    #[test]
    fn what_was_learned_stays_learned() {
        let (plain, silent) =
            (Taken { form: Form::Plain, tools: false, ..Taken::ALL }, Taken { stream: false, ..Taken::ALL });
        let both = Taken { form: Form::Plain, tools: false, stream: false, ..Taken::ALL };
        assert_eq!((plain.and(silent), silent.and(plain), plain.and(Taken::ALL)), (both, both, plain));
    }

    #[test]
    fn what_is_no_matter_of_parts_stays_as_it_is() {
        assert_eq!(left(Taken::ALL, 400, "maximum context length is 8192 tokens", true, true), None);
        for (status, body) in [(401, "{}"), (404, "no such model"), (500, "{}"), (429, "tools")] {
            assert_eq!(left(Taken::ALL, status, body, true, true), None, "{status}");
        }
    }
}
