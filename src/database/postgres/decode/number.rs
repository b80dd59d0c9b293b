//! `numeric` and `real`.

use super::take;

/// Each group of `numeric` holds four decimal digits.
const GROUP: usize = 4;

/// The digits of a `numeric`, all that are stored and as many behind the point as its scale says.
///
/// Wire format (`numeric_send` in `numeric.c`): count of groups, weight of the first one in groups,
/// sign, scale, then the groups in base 10,000.
pub(super) fn numeric(mut bytes: &[u8]) -> Option<String> {
    let count = usize::from(take(&mut bytes).map(u16::from_be_bytes)?);
    let weight = take(&mut bytes).map(i16::from_be_bytes)?;
    let sign = take(&mut bytes).map(u16::from_be_bytes)?;
    let scale = usize::from(take(&mut bytes).map(u16::from_be_bytes)?);
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    if bytes.len() != count * 2 {
        return None;
    }
    // Groups that are not stored are zero, before the first one and after the last.
    let group = |index: i32| -> u16 {
        usize::try_from(index)
            .ok()
            .and_then(|index| bytes.get(index * 2..index * 2 + 2))
            .map_or(0, |pair| u16::from_be_bytes([pair[0], pair[1]]))
    };
    let weight = i32::from(weight);
    let whole_groups = usize::try_from(weight + 1).unwrap_or(0);
    // Exact, so that the text need not be moved to give back what is too much.
    let leading = if weight < 0 { 1 } else { GROUP - leading_zeros(group(0)) };
    let whole = leading + whole_groups.saturating_sub(1) * GROUP;
    let point = usize::from(scale > 0);
    // The last group behind the point may be longer than the scale before it is cut.
    let mut text = String::with_capacity(usize::from(sign == 0x4000) + whole + point + scale.next_multiple_of(GROUP));
    if sign == 0x4000 {
        text.push('-');
    }
    if weight < 0 {
        text.push('0');
    }
    for index in 0..=weight {
        push_group(&mut text, group(index), index == 0);
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + scale;
        let mut index = weight + 1;
        while text.len() < end {
            push_group(&mut text, group(index), false);
            index += 1;
        }
        text.truncate(end);
    }
    Some(text)
}

/// How many digits of a group before the point are not written when it is the first.
fn leading_zeros(group: u16) -> usize {
    match group {
        1000.. => 0,
        100..1000 => 1,
        10..100 => 2,
        _ => 3,
    }
}

fn push_group(text: &mut String, group: u16, leading: bool) {
    let digits = [group / 1000, group / 100 % 10, group / 10 % 10, group % 10];
    let first = if leading { leading_zeros(group) } else { 0 };
    for digit in &digits[first..] {
        text.push(char::from_digit(u32::from(*digit), 10).unwrap_or('0'));
    }
}

/// The double that prints like the `real`: 1.1 stays 1.1 and does not become 1.10000002384.
pub(super) fn float4(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> Vec<u8> {
        let count = u16::try_from(groups.len()).unwrap();
        let head = [count.to_be_bytes(), weight.to_be_bytes(), sign.to_be_bytes(), scale.to_be_bytes()];
        head.into_iter().chain(groups.iter().map(|group| group.to_be_bytes())).flatten().collect()
    }

    #[test]
    fn numeric_keeps_every_digit_and_its_scale() {
        for (bytes, text) in [
            (wire(0, 0, 2, &[12, 3400]), "12.34"),
            (wire(0, 0x4000, 2, &[1, 1000]), "-1.10"),
            (wire(1, 0, 0, &[1]), "10000"),
            (wire(-1, 0, 3, &[50]), "0.005"),
            (wire(-2, 0, 8, &[12]), "0.00000012"),
            (wire(-3, 0, 12, &[1]), "0.000000000001"),
            (wire(0, 0, 2, &[]), "0.00"),
            (wire(2, 0, 1, &[1, 0, 1, 5000]), "100000001.5"),
            (wire(0, 0xC000, 0, &[]), "NaN"),
            (wire(0, 0xF000, 0, &[]), "-Infinity"),
        ] {
            assert_eq!(numeric(&bytes).as_deref(), Some(text));
        }
        assert_eq!(numeric(&[0, 1, 0]), None);
    }

    #[test]
    fn real_prints_as_it_was_written() {
        assert_eq!(float4(1.1).to_string(), "1.1");
        assert!(float4(f32::NAN).is_nan());
        assert!(float4(f32::INFINITY).is_infinite());
    }
}
