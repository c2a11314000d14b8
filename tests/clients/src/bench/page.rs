//! A page of the documentation that holds a part which a command writes.

use anyhow::{Context, Result};

const BEGIN: &str = "<!-- `cargo xtask bench --write` writes from here -->";
const END: &str = "<!-- to here -->";

/// The page with its part exchanged; all else stays as somebody wrote it.
pub fn with_part(page: &str, part: &str) -> Result<String> {
    let missing = || format!("the page has no lines `{BEGIN}` and `{END}`");
    let (before, rest) = page.split_once(BEGIN).with_context(missing)?;
    let (_, after) = rest.split_once(END).with_context(missing)?;
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", part.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_exchanged() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let written = with_part(&page, "new\n").unwrap();
        assert_eq!(written, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(with_part(&written, "new").unwrap(), written);
    }

    #[test]
    fn a_page_without_marks_is_left_alone() {
        assert!(with_part("text", "new").is_err());
    }
}
