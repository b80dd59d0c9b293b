//! What a call cost.
//!
//! The prices are OpenAI's for its standard tier, from <https://developers.openai.com/api/docs/pricing> as that page was
//! carried over into <https://github.com/BerriAI/litellm> (`model_prices_and_context_window.json`) up to 2026-07-24, and
//! compared with <https://github.com/outl1ne/openai-pricing> for the models both have. Only text models that speak Chat
//! Completions are here. Long prompts of `gpt-5.4` and `gpt-5.5` (above 272,000 tokens) cost more than their price here.
//! Whoever pays other prices says so in `model_prices`.

use super::Usage;
use crate::config::Price;

/// Model, then US dollars for a million tokens: input, cached input, output.
const PRICES: &[(&str, f64, f64, f64)] = &[
    ("gpt-3.5-turbo", 0.5, 0.5, 1.5),
    ("gpt-4", 30.0, 30.0, 60.0),
    ("gpt-4-turbo", 10.0, 10.0, 30.0),
    ("gpt-4.1", 2.0, 0.5, 8.0),
    ("gpt-4.1-mini", 0.4, 0.1, 1.6),
    ("gpt-4.1-nano", 0.1, 0.025, 0.4),
    ("gpt-4o", 2.5, 1.25, 10.0),
    ("gpt-4o-2024-05-13", 5.0, 5.0, 15.0),
    ("gpt-4o-mini", 0.15, 0.075, 0.6),
    ("gpt-5", 1.25, 0.125, 10.0),
    ("gpt-5-mini", 0.25, 0.025, 2.0),
    ("gpt-5-nano", 0.05, 0.005, 0.4),
    ("gpt-5.1", 1.25, 0.125, 10.0),
    ("gpt-5.2", 1.75, 0.175, 14.0),
    ("gpt-5.4", 2.5, 0.25, 15.0),
    ("gpt-5.4-mini", 0.75, 0.075, 4.5),
    ("gpt-5.4-nano", 0.2, 0.02, 1.25),
    ("gpt-5.5", 5.0, 0.5, 30.0),
    ("o1", 15.0, 7.5, 60.0),
    ("o3", 2.0, 0.5, 8.0),
    ("o3-mini", 1.1, 0.55, 4.4),
    ("o4-mini", 1.1, 0.275, 4.4),
];

/// The price of `model`: of `own`, or else of the table.
pub(super) fn price(model: &str, own: &[(String, Price)]) -> Option<Price> {
    let own = own.iter().map(|(name, price)| (name.as_str(), *price));
    let known = PRICES.iter().map(|&(name, input, cached_input, output)| (name, Price { input, cached_input, output }));
    // Gateways put the provider's name before the model's.
    let bare = model.rsplit('/').next().unwrap_or(model);
    longest(model, own.clone()).or_else(|| longest(bare, own)).or_else(|| longest(bare, known))
}

/// The longest name that `model` is, with or without a date behind it.
fn longest<'a>(model: &str, prices: impl Iterator<Item = (&'a str, Price)>) -> Option<Price> {
    let fitting = prices.filter(|(name, _)| model.strip_prefix(name).is_some_and(is_version));
    fitting.max_by_key(|(name, _)| name.len()).map(|(_, price)| price)
}

/// Whether a name goes on with nothing but a date, as in `-2025-04-14`, `-0613` and `-latest`. Any other word makes it
/// another model.
fn is_version(rest: &str) -> bool {
    let Some(version) = rest.strip_prefix('-') else { return rest.is_empty() };
    version == "latest" || version.len() >= 4 && version.chars().all(|letter| letter.is_ascii_digit() || letter == '-')
}

impl Usage {
    /// The same with what it cost at `price`; a call whose tokens or price are not known is counted as such.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "prices are not negative, and a number of tokens is far from 2^53"
    )]
    pub(super) fn priced(mut self, price: Option<Price>) -> Self {
        let Some(price) = price.filter(|_| self.prompt_tokens + self.completion_tokens > 0) else {
            self.unpriced_calls = self.calls;
            return self;
        };
        let cached = self.cached_tokens.min(self.prompt_tokens);
        let dollars_a_million = (self.prompt_tokens - cached) as f64 * price.input
            + cached as f64 * price.cached_input
            + self.completion_tokens as f64 * price.output;
        // A millionth of a dollar is a thousand billionths.
        self.cost_nanos = (dollars_a_million * 1e3).round() as u64;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{PRICES, price};
    use crate::config::Price;
    use crate::llm::Usage;

    fn input(model: &str) -> Option<f64> {
        price(model, &[]).map(|price| price.input)
    }

    #[test]
    fn a_dated_name_has_the_price_of_its_model_and_no_other() {
        assert_eq!(input("gpt-4o-mini"), Some(0.15));
        assert_eq!(input("gpt-4o-mini-2024-07-18"), Some(0.15));
        assert_eq!(input("openai/gpt-4.1-2025-04-14"), Some(2.0));
        assert_eq!(input("gpt-4o-2024-05-13"), Some(5.0));
        assert_eq!(input("gpt-4o-2024-11-20"), Some(2.5));
        assert_eq!(input("gpt-4-0613"), Some(30.0));
        for other in ["gpt-5.4-pro", "gpt-4o-audio-preview", "gpt-4.12", "qwen2.5-coder", "", "gpt-4-32k"] {
            assert_eq!(input(other), None, "{other}");
        }
    }

    #[test]
    fn the_users_price_comes_first() {
        let one = |input| Price { input, cached_input: input, output: input };
        let own = [("gpt-4o-mini".to_owned(), one(9.0)), ("mine/small".to_owned(), one(1.0))];
        let input = |model| price(model, &own).map(|price| price.input);
        assert_eq!(input("gpt-4o-mini-2024-07-18"), Some(9.0));
        assert_eq!(input("mine/small"), Some(1.0));
        assert_eq!(input("gpt-4.1"), Some(2.0));
    }

    #[test]
    fn cost_in_billionths_of_a_dollar() {
        let usage =
            Usage { prompt_tokens: 1000, cached_tokens: 600, completion_tokens: 10, calls: 1, ..Usage::default() };
        let priced = usage.priced(price("gpt-4o-mini", &[]));
        assert_eq!((priced.cost_nanos, priced.unpriced_calls), (400 * 150 + 600 * 75 + 10 * 600, 0));
        let unknown = usage.priced(None);
        assert_eq!((unknown.cost_nanos, unknown.unpriced_calls), (0, 1));
        let silent = Usage { calls: 1, ..Usage::default() }.priced(price("gpt-4o-mini", &[]));
        assert_eq!(silent.unpriced_calls, 1, "a server that tells no tokens tells no cost");
    }

    #[test]
    fn the_table_is_in_order_and_cached_input_is_never_dearer() {
        assert!(PRICES.is_sorted_by_key(|(name, ..)| name));
        assert!(PRICES.iter().all(|(_, input, cached, output)| cached <= input && input <= output));
    }
}
