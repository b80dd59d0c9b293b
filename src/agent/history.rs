//! How much of a conversation a follow-up may see.

use crate::session::Turn;

/// Characters that are counted as one token: about what tokenizers make of English and SQL.
const CHARACTERS: usize = 4;

/// The latest of `turns` that fit into `max_tokens`. Where there is more, the sentences of the oldest turns go first,
/// since a follow-up builds on questions and statements, and then these turns as a whole. The last turn stays as it is,
/// with the plan that the offline engine edits.
pub(super) fn within(mut turns: Vec<Turn>, max_tokens: usize) -> Vec<Turn> {
    let budget = max_tokens.saturating_mul(CHARACTERS);
    let mut size: usize = turns.iter().map(|turn| length(turn) + turn.answer.len()).sum();
    let Some((_, older)) = turns.split_last_mut() else { return turns };
    for turn in older {
        if size <= budget {
            return turns;
        }
        size -= turn.answer.len();
        turn.answer.clear();
    }
    let mut dropped = 0;
    while size > budget && dropped + 1 < turns.len() {
        size -= length(&turns[dropped]);
        dropped += 1;
    }
    turns.drain(..dropped);
    turns
}

/// Bytes of a turn without its sentence.
fn length(turn: &Turn) -> usize {
    turn.question.len() + turn.sql.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(question: &str, answer: &str) -> Turn {
        Turn {
            question: question.to_owned(),
            sql: None,
            answer: answer.to_owned(),
            plan: Some(serde_json::json!(question)),
            at: chrono::DateTime::default(),
            caller: None,
            role: None,
        }
    }

    fn seen(max_tokens: usize) -> Vec<(String, String)> {
        let turns = vec![turn("aaaa", "11111111"), turn("bbbb", "22222222"), turn("cccc", "33333333")];
        let seen = within(turns, max_tokens);
        assert_eq!(seen.last().and_then(|turn| turn.plan.clone()), Some("cccc".into()), "the plan of the last turn");
        seen.into_iter().map(|turn| (turn.question, turn.answer)).collect()
    }

    #[test]
    fn sentences_go_before_turns_and_the_last_turn_stays() {
        let pair = |question: &str, answer: &str| (question.to_owned(), answer.to_owned());
        let whole = [pair("aaaa", "11111111"), pair("bbbb", "22222222"), pair("cccc", "33333333")];
        assert_eq!(seen(9), whole);
        assert_eq!(seen(8), [pair("aaaa", ""), whole[1].clone(), whole[2].clone()]);
        assert_eq!(seen(5), [pair("aaaa", ""), pair("bbbb", ""), whole[2].clone()]);
        assert_eq!(seen(4), [pair("bbbb", ""), whole[2].clone()]);
        assert_eq!(seen(0), [whole[2].clone()]);
        assert!(within(Vec::new(), 0).is_empty());
    }
}
