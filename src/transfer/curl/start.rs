//! Finds where in a pasted text the command begins, and for which shell it was written.

use super::{CurlFailure, OtherFormat};

/// Whose quoting a command follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    /// bash and its like.
    Posix,
    /// The command prompt of Windows.
    Cmd,
    /// PowerShell.
    Powershell,
}

/// Where a command begins.
pub(super) struct Start {
    /// The whole text.
    pub(super) text: Vec<char>,
    /// The index of its first character.
    pub(super) from: usize,
    /// Whose quoting it follows.
    pub(super) shell: Shell,
    /// It stands in `$(…)`.
    pub(super) in_parentheses: bool,
    /// Something stands before it that is neither a prompt nor a fence.
    pub(super) has_text_before: bool,
}

/// Finds the command: at the beginning of a line, after a prompt, or in `$(…)`.
pub(super) fn find(text: &str) -> Result<Start, CurlFailure> {
    let mut text: Vec<char> = text.chars().collect();
    let mut has_text_before = false;
    let mut line = 0;
    while line < text.len() {
        let end = text[line..].iter().position(|character| *character == '\n').map_or(text.len(), |length| line + length);
        if let Some((from, in_parentheses)) = in_line(&text[line..end]) {
            blank_prompts(&mut text[end..]);
            let shell = shell_of(&text[line + from..]);
            return Ok(Start { from: line + from, shell, in_parentheses, has_text_before, text });
        }
        let before: String = text[line..end].iter().collect();
        let before = before.trim();
        has_text_before |= !before.is_empty() && !before.starts_with("```") && !before.starts_with('#');
        line = end + 1;
    }
    let text: String = text.iter().collect();
    Err(other_format(&text).map_or(CurlFailure::NotCurl, |format| CurlFailure::Other { format }))
}

/// Where in this line the program's name begins, and whether it stands in `$(…)`.
fn in_line(line: &[char]) -> Option<(usize, bool)> {
    let mut at = 0;
    while at < line.len() {
        if line[at].is_whitespace() {
            at += 1;
            continue;
        }
        let end = line[at..].iter().position(|character| character.is_whitespace()).map_or(line.len(), |length| at + length);
        // `$(` and a prompt without a space after it stand in the same word.
        let opening = line[at..end].iter().rposition(|character| matches!(character, '(' | '`' | '>')).map(|index| at + index);
        let from = opening.map_or(at, |index| index + 1);
        let program: String = line[from..end].iter().collect();
        if is_curl(&program) {
            let in_parentheses = opening.is_some_and(|index| line[index] != '>');
            return (opening.is_some() || may_stand_before(&line[..at])).then_some((from, in_parentheses));
        }
        at = end;
    }
    None
}

/// Whether a word is the program's name.
pub(super) fn is_curl(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default().trim_matches(['"', '\'']).to_ascii_lowercase();
    name == "curl" || name == "curl.exe"
}

/// Whether the program's name is written as only Windows has it.
pub(super) fn is_windows(program: &str) -> bool {
    let name = program.trim_end_matches(['"', '\'']);
    name.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("exe"))
}

/// A prompt, another program that starts this one, or the setting of a variable; in prose the name is not a command.
fn may_stand_before(before: &[char]) -> bool {
    const STARTERS: [&str; 7] = ["sudo", "time", "exec", "env", "winpty", "command", "nohup"];
    let before: String = before.iter().collect();
    let before = before.trim();
    before.ends_with(['$', '#', '%', '>', '❯', '➜', '&', ';', '|', '('])
        || before.split_whitespace().all(|word| STARTERS.contains(&word) || word.contains('='))
}

/// A terminal puts `> ` before the lines that continue a command. It is blanked, so that every character stays in its
/// place, but only when each of the lines that follow has it.
fn blank_prompts(rest: &mut [char]) {
    let starts: Vec<_> =
        rest.iter().enumerate().filter(|(_, character)| **character == '\n').map(|(index, _)| index + 1).collect();
    let has_prompt = |start: &usize| rest.get(*start) == Some(&'>') && rest.get(start + 1).is_none_or(|next| *next == ' ');
    let starts: Vec<_> = starts.into_iter().filter(|start| rest.get(*start).is_some()).collect();
    if starts.is_empty() || !starts.iter().all(has_prompt) {
        return;
    }
    for start in starts {
        rest[start] = ' ';
    }
}

/// Whose quoting the command follows, told by what only one of the shells writes outside of quotes.
fn shell_of(command: &[char]) -> Shell {
    let program: String = command.iter().take_while(|character| !character.is_whitespace()).collect();
    let is_windows = is_windows(&program);
    let mut scan = Scan { text: command, at: program.chars().count() };
    let mut told = None;
    while told.is_none() && scan.at < command.len() {
        told = scan.step(is_windows);
    }
    told.unwrap_or(if is_windows { Shell::Cmd } else { Shell::Posix })
}

struct Scan<'a> {
    text: &'a [char],
    at: usize,
}

impl Scan<'_> {
    /// One character or quoted part outside of quotes; the shell, when it tells.
    fn step(&mut self, is_windows: bool) -> Option<Shell> {
        let character = self.text[self.at];
        let begins_word = self.text[self.at - 1].is_whitespace();
        self.at += 1;
        match character {
            '^' if begins_word && self.text.get(self.at) == Some(&'"') => Some(Shell::Cmd),
            '^' if self.line_ends() => Some(Shell::Cmd),
            // A fence of Markdown ends with one, too, but has no space before it.
            '`' if begins_word && self.line_ends() => Some(Shell::Powershell),
            '$' if self.is_environment() => Some(Shell::Powershell),
            '@' if begins_word && self.here_string() => Some(Shell::Powershell),
            '\\' => {
                self.at += 1;
                None
            }
            '\'' if is_windows && begins_word => Some(Shell::Powershell),
            '\'' => {
                // Past a `$'…'` a backslash guards the quote.
                let ansi = self.at >= 2 && self.text[self.at - 2] == '$';
                self.skip_to_quote(ansi);
                None
            }
            '"' => self.double_quoted(),
            _ => None,
        }
    }

    /// Nothing but spaces comes before the end of the line, or of the text.
    fn line_ends(&self) -> bool {
        let next = self.text[self.at..].iter().find(|character| !matches!(character, ' ' | '\t' | '\r'));
        next.is_none_or(|character| *character == '\n')
    }

    fn is_environment(&self) -> bool {
        let name: String = self.text[self.at..].iter().take(4).collect();
        name.eq_ignore_ascii_case("env:")
    }

    fn here_string(&self) -> bool {
        matches!(self.text.get(self.at), Some('\'' | '"'))
            && self.text[self.at + 1..].iter().find(|character| !matches!(character, ' ' | '\r')) == Some(&'\n')
    }

    fn skip_to_quote(&mut self, backslash_guards: bool) {
        while let Some(character) = self.text.get(self.at) {
            self.at += 1;
            match character {
                '\\' if backslash_guards => self.at += 1,
                '\'' => return,
                _ => {}
            }
        }
    }

    fn double_quoted(&mut self) -> Option<Shell> {
        let start = self.at;
        let mut backticks = 0;
        while let Some(character) = self.text.get(self.at) {
            self.at += 1;
            match character {
                '\\' => self.at += 1,
                '`' => {
                    backticks += 1;
                    // bash opens a command with the first one, and closes it before the quote.
                    if backticks % 2 == 1 && self.text.get(self.at) == Some(&'"') {
                        return Some(Shell::Powershell);
                    }
                }
                '$' if self.is_environment() => return Some(Shell::Powershell),
                '"' => {
                    // Two quotes for one are the custom of Windows; bash would join two words without a seam.
                    let doubled = self.at - start > 1 && self.text.get(self.at) == Some(&'"');
                    return doubled.then_some(Shell::Cmd);
                }
                _ => {}
            }
        }
        None
    }
}

/// What else was pasted, where it can be told.
fn other_format(text: &str) -> Option<OtherFormat> {
    let lower = text.to_ascii_lowercase();
    let has_word = |wanted: &str| {
        lower.split(|character: char| character.is_whitespace() || "(;|=".contains(character)).any(|word| word == wanted)
    };
    if ["invoke-webrequest", "invoke-restmethod", "iwr", "irm"].into_iter().any(has_word) {
        Some(OtherFormat::InvokeWebRequest)
    } else if lower.contains("fetch(") {
        Some(OtherFormat::Fetch)
    } else if has_word("wget") {
        Some(OtherFormat::Wget)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("curl https://h", 0, false)]
    #[case("$ curl https://h", 2, false)]
    #[case("me@host:~/work$ curl https://h", 16, false)]
    #[case("PS C:\\Users\\me> curl.exe https://h", 16, false)]
    #[case("C:\\>curl https://h", 4, false)]
    #[case("sudo /usr/bin/curl https://h", 5, false)]
    #[case("TOKEN=x curl https://h", 8, false)]
    #[case("Then run:\n\n```sh\ncurl https://h\n```", 17, true)]
    #[case("You can use curl https://h here:\n  curl https://g", 35, true)]
    #[case("TOKEN=$(curl -s https://h | jq .t)", 8, false)]
    #[case("& curl.exe https://h", 2, false)]
    fn a_command_is_found(#[case] text: &str, #[case] from: usize, #[case] has_text_before: bool) {
        let start = find(text).unwrap_or_else(|failure| panic!("{text:?}: {failure}"));
        assert_eq!((start.from, start.has_text_before), (from, has_text_before));
    }

    #[rstest]
    #[case("wget https://h", CurlFailure::Other { format: OtherFormat::Wget })]
    #[case("Invoke-WebRequest -Uri \"https://h\"", CurlFailure::Other { format: OtherFormat::InvokeWebRequest })]
    #[case("$r = Invoke-RestMethod https://h", CurlFailure::Other { format: OtherFormat::InvokeWebRequest })]
    #[case("await fetch(\"https://h\", {})", CurlFailure::Other { format: OtherFormat::Fetch })]
    #[case("I like curl very much", CurlFailure::NotCurl)]
    #[case("curly https://h", CurlFailure::NotCurl)]
    fn what_is_no_command_is_named(#[case] text: &str, #[case] failure: CurlFailure) {
        assert_eq!(find(text).err(), Some(failure));
    }

    #[rstest]
    #[case("curl 'https://h' -d ' ^\"'", Shell::Posix)]
    #[case("curl https://h \\\n -d 'a^\n'", Shell::Posix)]
    #[case("curl https://h -d \"`date`\"", Shell::Posix)]
    #[case("curl https://h -d $'it\\'s ^\"'", Shell::Posix)]
    #[case("curl https://h -H \"\" -d \"\"", Shell::Posix)]
    #[case("curl ^\"https://h^\"", Shell::Cmd)]
    #[case("curl \"https://h\" ^\r\n  -H \"a: b\"", Shell::Cmd)]
    #[case("curl https://h -d \"{\"\"a\"\":1}\"", Shell::Cmd)]
    #[case("curl.exe https://h -H \"a: b\"", Shell::Cmd)]
    #[case("curl.exe https://h `\r\n -H 'a: b'", Shell::Powershell)]
    #[case("curl.exe https://h -H 'a: b'", Shell::Powershell)]
    #[case("curl https://h -H \"a: $env:TOKEN\"", Shell::Powershell)]
    #[case("curl https://h -d \"{`\"a`\":1}\"", Shell::Powershell)]
    #[case("curl https://h -d @'\n{}\n'@", Shell::Powershell)]
    fn the_shell_is_told_by_what_stands_outside_of_quotes(#[case] command: &str, #[case] shell: Shell) {
        assert_eq!(find(command).unwrap_or_else(|failure| panic!("{failure}")).shell, shell);
    }

    #[test]
    fn the_prompts_of_a_terminal_leave_every_character_in_its_place() {
        let start = find("$ curl https://h \\\n> -d a=1 \\\n> -d b=2").unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(start.text.iter().collect::<String>(), "$ curl https://h \\\n  -d a=1 \\\n  -d b=2");
    }
}
