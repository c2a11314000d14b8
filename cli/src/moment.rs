//! Dates, times and durations as ISO 8601 writes them, and as Kafka's tools take them.

use std::time::Duration;

use types::Timestamp;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The moment, by this machine's clock.
#[expect(clippy::disallowed_methods, reason = "a person's \"now\" is the wall clock's")]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let milliseconds = since.unwrap_or(Duration::ZERO).as_millis();
    Timestamp(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

/// Reads `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM[:SS[.fff]]` with `Z` or an offset such as `+02:00`;
/// without one it is UTC.
pub(crate) fn date_time(text: &str) -> Result<Timestamp, String> {
    let parsed = match text.split_once('T') {
        None => date(text),
        Some((day, time)) => date(day).and_then(|day| Some(day + time_of_day(time)?)),
    };
    let sentence = || {
        format!(
            "'{text}' is no date and time such as 2026-11-24T17:30:00.000, in UTC or with +02:00"
        )
    };
    parsed.map(Timestamp).ok_or_else(sentence)
}

/// Reads a duration such as `P7D`, `PT1H30M` or `P1DT12H`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let milliseconds = text.strip_prefix('P').and_then(|rest| {
        let (days, times) = rest.split_once('T').map_or((rest, None), |(d, t)| (d, Some(t)));
        if times.is_some_and(str::is_empty) || rest.is_empty() {
            return None;
        }
        let days = amounts(days, &[('W', 7 * DAY), ('D', DAY)])?;
        let times = times.unwrap_or_default();
        days.checked_add(amounts(times, &[('H', HOUR), ('M', MINUTE), ('S', SECOND)])?)
    });
    let milliseconds = milliseconds.and_then(|milliseconds| u64::try_from(milliseconds).ok());
    let sentence = || format!("'{text}' is no duration such as P7D, PT1H30M or P1DT12H");
    milliseconds.map(Duration::from_millis).ok_or_else(sentence)
}

/// The sum of amounts such as `1H30M`, whose units come in this order.
fn amounts(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let (mut rest, mut sum) = (text, 0_i64);
    for (unit, milliseconds) in units {
        let Some((amount, behind)) = rest.split_once(*unit) else { continue };
        sum = sum.checked_add(number(amount)?.checked_mul(*milliseconds)?)?;
        rest = behind;
    }
    rest.is_empty().then_some(sum)
}

/// The milliseconds from 1970 to the beginning of a day.
fn date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let shapely = year.len() == 4 && month.len() == 2 && day.len() == 2 && parts.next().is_none();
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let fits = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    (shapely && fits).then(|| days_since_1970(year, month, day) * DAY)
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, counted with years that begin in March, so that the leap day
/// comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    const MARCH_0000_TO_1970: i64 = 719_468;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - MARCH_0000_TO_1970
}

/// The milliseconds of `HH:MM[:SS[.fff]]`, less what its zone is ahead of UTC.
fn time_of_day(text: &str) -> Option<i64> {
    let zone_at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone_at);
    let ahead = match zone {
        "" | "Z" => 0,
        _ => {
            let (sign, amount) = zone.split_at(1);
            let amount = hours_and_minutes(&amount.replace(':', ""))?;
            if sign == "+" { amount } else { -amount }
        }
    };
    let mut parts = clock.split(':');
    let (hours, minutes) = (two_digits(parts.next()?, 23)?, two_digits(parts.next()?, 59)?);
    let seconds = parts.next().map_or(Some(0), seconds)?;
    parts.next().is_none().then_some(hours * HOUR + minutes * MINUTE + seconds - ahead)
}

/// The milliseconds of `SS[.fff]`.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let thousandths = format!("{fraction:0<3}");
    number(&thousandths)?;
    Some(two_digits(whole, 59)? * SECOND + number(&thousandths[..3])?)
}

/// The milliseconds of `HHMM` or `HH`.
fn hours_and_minutes(text: &str) -> Option<i64> {
    let hours = two_digits(text.get(..2)?, 18)? * HOUR;
    match &text[2..] {
        "" => Some(hours),
        minutes => Some(hours + two_digits(minutes, 59)? * MINUTE),
    }
}

fn two_digits(text: &str, max: i64) -> Option<i64> {
    let number = number(text)?;
    (text.len() == 2 && number <= max).then_some(number)
}

/// Digits only, unlike what `parse` takes.
fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_with_and_without_a_zone() {
        for (text, milliseconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400_000),
            ("2026-11-24T17:30:00.123", 1_795_541_400_123),
            ("2026-11-24T17:30:00.123Z", 1_795_541_400_123),
            ("2026-11-24T19:30:00.1234+02:00", 1_795_541_400_123),
            ("2026-11-24T15:00-0230", 1_795_541_400_000),
            ("1969-12-31T23:59:59", -1_000),
        ] {
            assert_eq!(date_time(text), Ok(Timestamp(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "2026-01-01T24:00",
            "2026-01-01T1:00",
            "2026-01-01T01:00:60",
            "2026-01-01T01:00:00.",
            "2026-01-01T01:00+1",
            "2026-01-01T01:00:00.x",
            "+026-01-01",
        ] {
            assert!(date_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_read() {
        let hours = |count: u64| Duration::from_secs(count * 3600);
        for (text, duration_) in [
            ("P7D", hours(168)),
            ("P1W", hours(168)),
            ("PT1H30M", hours(1) + Duration::from_secs(1800)),
            ("P1DT12H", hours(36)),
            ("PT5S", Duration::from_secs(5)),
        ] {
            assert_eq!(duration(text), Ok(duration_), "{text}");
        }
        for text in
            ["", "P", "PT", "7D", "P7", "PT7D", "P1DT", "P-1D", "PT1M1H", "P99999999999999W"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
