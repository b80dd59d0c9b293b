//! What an encoded part of a text says. Each form is decoded once, and the result is read as any other text.

/// Shortest run of a base 64 or hexadecimal text that is decoded: shorter ones are words and numbers.
const SHORTEST: usize = 16;

/// Everything in `text`, as it was written, that decodes to something readable.
pub(super) fn decoded(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for run in text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "+/=_-".contains(letter))) {
        if run.len() >= SHORTEST {
            found.extend([hexadecimal(run), base64(run)].into_iter().flatten().filter_map(readable));
        }
    }
    // Bytes written apart: `44 52 4f 50`, `\x44\x52`.
    let apart: String = text.split(|letter: char| letter.is_whitespace() || letter == ',').map(byte).collect();
    if apart.len() >= SHORTEST {
        found.extend(hexadecimal(&apart).and_then(readable));
    }
    found.extend(escapes(text));
    found
}

/// `text` with every letter 13 places on (rot13), and with its letters turned round.
pub(super) fn turned(text: &str) -> [String; 2] {
    let rot13 = |letter: char| match letter {
        'a'..='z' => char::from((letter as u8 - b'a' + 13) % 26 + b'a'),
        'A'..='Z' => char::from((letter as u8 - b'A' + 13) % 26 + b'A'),
        other => other,
    };
    [text.chars().map(rot13).collect(), text.chars().rev().collect()]
}

fn byte(word: &str) -> String {
    let digits = word.trim_start_matches("0x").trim_start_matches("\\x");
    if digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        digits.to_owned()
    } else {
        String::new()
    }
}

fn hexadecimal(run: &str) -> Option<Vec<u8>> {
    let run = run.strip_prefix("0x").unwrap_or(run).as_bytes();
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    if !run.len().is_multiple_of(2) {
        return None;
    }
    run.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// RFC 4648, both alphabets, with or without padding.
fn base64(run: &str) -> Option<Vec<u8>> {
    let run = run.trim_end_matches('=');
    let (mut bytes, mut bits, mut held) = (Vec::with_capacity(run.len() * 3 / 4), 0_u32, 0_u32);
    for letter in run.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

/// The bytes as text, where they are one that somebody wrote.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let plain = text
        .chars()
        .filter(|letter| letter.is_alphanumeric() || letter.is_whitespace() || letter.is_ascii_punctuation());
    (text.len() >= 6 && plain.count() == text.chars().count()).then_some(text)
}

/// `text` with `%44`, `\x44`, `\u0044`, `&#68;` and `&#x44;` written out, where it has any.
fn escapes(text: &str) -> Option<String> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let (mut rest, mut found) = (text, 0);
    while let Some(first) = rest.chars().next() {
        let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        let written = match first {
            // Bytes of UTF-8, one by one.
            '%' => rest.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map(|byte| (vec![byte], 3)),
            '\\' => match rest.as_bytes().get(1) {
                Some(b'x') => rest.get(2..4).and_then(hex).map(|letter| (letter.to_string().into_bytes(), 4)),
                Some(b'u') => rest.get(2..6).and_then(hex).map(|letter| (letter.to_string().into_bytes(), 6)),
                _ => None,
            },
            '&' if rest.starts_with("&#") => rest.find(';').filter(|end| *end <= 9).and_then(|end| {
                let code = &rest[2..end];
                let number = code
                    .strip_prefix(['x', 'X'])
                    .map_or_else(|| code.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
                Some((char::from_u32(number?)?.to_string().into_bytes(), end + 1))
            }),
            _ => None,
        };
        if let Some((bytes, length)) = written {
            out.extend(bytes);
            rest = &rest[length..];
            found += 1;
        } else {
            out.extend(first.to_string().into_bytes());
            rest = &rest[first.len_utf8()..];
        }
    }
    // One alone is a percentage or a file name.
    (found >= 3).then(|| String::from_utf8_lossy(&out).into_owned())
}
