//! Kubernetes' quantities, such as `500m` and `1Gi`: only whether two are the same amount.

/// The amount in thousandths of millionths, the finest Kubernetes knows.
fn amount(text: &str) -> Option<i128> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && !"+-.".contains(letter));
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if number.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanos = format!("{whole}{fraction:0<9}").parse::<i128>().ok()?;
    let (times, by) = factor(suffix)?;
    nanos.checked_mul(times).map(|product| product / by)
}

fn factor(suffix: &str) -> Option<(i128, i128)> {
    let binary = |power: u32| (1_i128 << (10 * power), 1);
    let decimal = |power: u32| (10_i128.pow(power), 1);
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, 1_000_000_000),
        "u" => (1, 1_000_000),
        "m" => (1, 1_000),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        _ => return None,
    })
}

/// Whether both are quantities, and of the same amount.
pub(crate) fn are_equal(one: &str, other: &str) -> bool {
    amount(one).is_some_and(|amount_of_one| amount(other) == Some(amount_of_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_amount_can_be_written_in_many_ways() {
        for (one, other) in [
            ("1024Mi", "1Gi"),
            ("0.5", "500m"),
            ("1000", "1k"),
            ("1.5Gi", "1536Mi"),
            ("2000000u", "2"),
        ] {
            assert!(are_equal(one, other), "{one} {other}");
        }
    }

    #[test]
    fn other_amounts_and_other_texts_are_told_apart() {
        for (one, other) in [("1Gi", "1G"), ("1", "2"), ("a", "a"), ("", ""), ("1e3", "1000")] {
            assert!(!are_equal(one, other), "{one} {other}");
        }
    }
}
