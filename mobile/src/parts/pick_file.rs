//! A file of the person's choice. File inputs under the page's own listeners give nothing on phones, so the input is
//! made by a script and never stands in the page; its bytes come over in parts.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dioxus::prelude::*;
use serde::Deserialize;

/// What may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// From the album.
    Picture,
    /// Taken now.
    Camera,
    /// PDF, DOCX, PNG, JPEG.
    File,
    /// A scan or a photo, or a PDF.
    Licence,
}

impl Pick {
    /// For `accept`; what it really is, is looked at later.
    const fn accept(self) -> &'static str {
        match self {
            Self::Picture | Self::Camera => "image/png,image/jpeg",
            Self::File => {
                ".pdf,.docx,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg,application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            Self::Licence => ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg",
        }
    }
}

/// A chosen file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Why there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPicked {
    /// Nothing was chosen.
    Nothing,
    TooLarge,
    /// It could not be read.
    Unreadable,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Begin { name: String, size: u64 },
    Bytes(String),
    End,
    Nothing,
    TooLarge,
    Unreadable,
}

/// Bytes in one message: a multiple of three, so that parts join without padding.
const PART_BYTES: usize = 192 * 1024;

fn script(pick: Pick, most_bytes: u64) -> String {
    let accept = pick.accept();
    let capture = if pick == Pick::Camera { "input.setAttribute('capture', 'environment');" } else { "" };
    format!(
        r"
        const input = document.createElement('input');
        input.type = 'file';
        input.accept = '{accept}';
        {capture}
        // A detached input that nothing holds is collected while its chooser is open, and the choice is lost.
        window.__miantanPick = input;
        const file = await new Promise((chosen) => {{
            input.onchange = () => chosen(input.files[0]);
            input.addEventListener('cancel', () => chosen(undefined));
            input.click();
        }});
        if (window.__miantanPick === input) delete window.__miantanPick;
        if (!file) {{ dioxus.send('nothing'); return; }}
        if (file.size > {most_bytes}) {{ dioxus.send('too_large'); return; }}
        dioxus.send({{ begin: {{ name: file.name, size: file.size }} }});
        try {{
            for (let at = 0; at < file.size; at += {PART_BYTES}) {{
                const bytes = new Uint8Array(await file.slice(at, at + {PART_BYTES}).arrayBuffer());
                let text = '';
                for (let i = 0; i < bytes.length; i += 8192) {{
                    text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
                }}
                dioxus.send({{ bytes: btoa(text) }});
            }}
            dioxus.send('end');
        }} catch (error) {{ dioxus.send('unreadable'); }}
        "
    )
}

/// Lets the person choose a file of at most `most_bytes`.
pub async fn pick_file(pick: Pick, most_bytes: u64) -> Result<Picked, NotPicked> {
    let mut page = document::eval(&script(pick, most_bytes));
    let mut picked = Picked { name: String::new(), bytes: Vec::new() };
    let mut expected = 0;
    loop {
        let part = page.recv::<Part>().await.map_err(|_| NotPicked::Nothing)?;
        if join(&mut picked, &mut expected, part, most_bytes)? {
            return Ok(picked);
        }
    }
}

/// Adds a part; `true`: that was all.
fn join(picked: &mut Picked, expected: &mut u64, part: Part, most_bytes: u64) -> Result<bool, NotPicked> {
    match part {
        Part::Nothing => return Err(NotPicked::Nothing),
        Part::Begin { name, size } if size <= most_bytes => {
            picked.name = name;
            *expected = size;
        }
        Part::TooLarge | Part::Begin { .. } => return Err(NotPicked::TooLarge),
        Part::Bytes(text) => {
            let bytes = BASE64_STANDARD.decode(text).map_err(|_| NotPicked::Unreadable)?;
            picked.bytes.extend_from_slice(&bytes);
            if picked.bytes.len() as u64 > *expected {
                return Err(NotPicked::Unreadable);
            }
        }
        Part::End if picked.bytes.len() as u64 == *expected => return Ok(true),
        Part::Unreadable | Part::End => return Err(NotPicked::Unreadable),
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(parts: Vec<Part>) -> Result<Option<Picked>, NotPicked> {
        let mut picked = Picked { name: String::new(), bytes: Vec::new() };
        let mut expected = 0;
        for part in parts {
            if join(&mut picked, &mut expected, part, 100)? {
                return Ok(Some(picked));
            }
        }
        Ok(None)
    }

    #[test]
    fn parts_become_the_file_or_an_error() {
        let begin = |size| Part::Begin { name: "a.pdf".into(), size };
        let bytes = |text: &str| Part::Bytes(BASE64_STANDARD.encode(text));
        let whole = joined(vec![begin(6), bytes("abc"), bytes("def"), Part::End]);
        assert_eq!(whole, Ok(Some(Picked { name: "a.pdf".into(), bytes: b"abcdef".to_vec() })));
        assert_eq!(joined(vec![begin(6), bytes("abc"), Part::End]), Err(NotPicked::Unreadable));
        assert_eq!(joined(vec![begin(3), bytes("abcd")]), Err(NotPicked::Unreadable));
        assert_eq!(joined(vec![begin(101)]), Err(NotPicked::TooLarge));
        assert_eq!(joined(vec![begin(3), Part::Bytes("?".into())]), Err(NotPicked::Unreadable));
        assert_eq!(joined(vec![Part::Nothing]), Err(NotPicked::Nothing));
        assert_eq!(joined(vec![begin(6), bytes("abc")]), Ok(None));
    }

    #[test]
    fn messages_of_the_script_are_understood() {
        for text in [
            r#""nothing""#,
            r#""too_large""#,
            r#""unreadable""#,
            r#""end""#,
            r#"{"begin":{"name":"x","size":1}}"#,
            r#"{"bytes":"QQ=="}"#,
        ] {
            serde_json::from_str::<Part>(text).expect(text);
        }
        assert!(script(Pick::Camera, 5).contains("capture"));
        assert!(!script(Pick::Picture, 5).contains("capture"));
        assert!(PART_BYTES.is_multiple_of(3));
    }
}
