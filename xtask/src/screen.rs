//! A screen in memory whose picture can be read from a file: what is seen on it is known without asking the program.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::program::{self, Beside};

/// More colours than a window without text has: letters are drawn in many shades.
const COLOURS_OF_TEXT: usize = 12;

/// A running Xvfb.
pub struct Screen {
    display: String,
    picture: PathBuf,
    _server: Beside,
}

impl Screen {
    /// Starts a screen on a display that Xvfb finds free; its picture is kept in `folder`.
    pub fn start(folder: &Path) -> Result<Self, Failure> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset", "-fbdir"]).arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Beside(command.spawn().map_err(|error| program::not_started(&command, &error))?);
        let mut line = String::new();
        if let Some(stdout) = server.0.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(Failure::of_trying("read Xvfb's display"))?;
        }
        if line.trim().is_empty() {
            return Err(Failure::new("Xvfb ended without opening a display.", "Start it by hand to see its message."));
        }
        Ok(Self { display: format!(":{}", line.trim()), picture: folder.join("Xvfb_screen0"), _server: server })
    }

    /// What `DISPLAY` must say.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Whether text can be seen on the screen now.
    pub fn shows_text(&self) -> Result<bool, Failure> {
        let read = || {
            let mut file = File::open(&self.picture)?;
            let mut header = [0; HEADER_BYTES];
            file.read_exact(&mut header)?;
            file.seek(SeekFrom::Start(pixels_at(&header)))?;
            let mut pixels =
                Vec::with_capacity(fs::metadata(&self.picture).map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(0)));
            file.read_to_end(&mut pixels)?;
            Ok(pixels)
        };
        read().map(|pixels| has_many_colours(&pixels)).map_err(Failure::of_trying("read the screen's picture"))
    }
}

/// The fields of an X window dump (XWD) before its name; each is a 32-bit number, the highest byte first.
const HEADER_BYTES: usize = 100;

fn pixels_at(header: &[u8; HEADER_BYTES]) -> u64 {
    let field = |index: usize| {
        let bytes = &header[index * 4..index * 4 + 4];
        u64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    let (header_size, colours) = (field(0), field(19));
    header_size + colours * 12
}

fn has_many_colours(pixels: &[u8]) -> bool {
    let mut seen: Vec<&[u8]> = Vec::with_capacity(COLOURS_OF_TEXT);
    for pixel in pixels.chunks_exact(4) {
        if !seen.contains(&pixel) {
            seen.push(pixel);
            if seen.len() >= COLOURS_OF_TEXT {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_seen_by_its_many_shades() {
        let plain: Vec<u8> = [[0, 0, 0, 0], [255, 255, 255, 0]].concat().repeat(1000);
        assert!(!has_many_colours(&plain), "a window before its first letters has few colours");
        let shades: Vec<u8> = (0..40).flat_map(|shade| [shade, shade, shade, 0]).collect();
        assert!(has_many_colours(&shades));
    }

    #[test]
    fn the_pixels_stand_behind_header_and_colours() {
        let mut header = [0; HEADER_BYTES];
        header[3] = 160;
        header[79] = 2;
        assert_eq!(pixels_at(&header), 184);
    }
}
