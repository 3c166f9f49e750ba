//! Papers that a person brings: a résumé as a PDF, a picture; and what comes back saved. Files are made anew for each
//! story, so that nothing of the machine is used.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A PDF of one page with this line of ASCII letters: every reader opens it.
pub fn pdf(path: &Path, line: &str) -> Result<()> {
    let text = format!("BT /F1 18 Tf 72 720 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        let _ = writeln!(file, "{offset:010} 00000 n ");
    }
    let end = objects.len() + 1;
    let _ = write!(file, "trailer << /Size {end} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    write(path, file.as_bytes())
}

pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// The one file with this ending among what an app saved, as soon as it is there.
pub async fn saved(downloads: &Path, ending: &str) -> Result<PathBuf> {
    let begun = Instant::now();
    loop {
        let files = std::fs::read_dir(downloads).into_iter().flatten().flatten().map(|entry| entry.path());
        let found: Vec<PathBuf> =
            files.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
        match &found[..] {
            [one] => return Ok(one.clone()),
            [] if begun.elapsed() < Duration::from_secs(20) => {}
            [] => bail!("nothing that ends with .{ending} was saved in {}", downloads.display()),
            several => bail!("more than one .{ending} was saved: {several:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What a PDF says, read by another program than ours.
pub fn text_of_pdf(path: &Path) -> Result<String> {
    let read = Command::new("pdftotext").arg(path).arg("-").output().context("pdftotext is needed")?;
    if !read.status.success() {
        bail!("pdftotext: {}", String::from_utf8_lossy(&read.stderr));
    }
    Ok(String::from_utf8_lossy(&read.stdout).into_owned())
}

/// An error unless the text holds this.
pub fn holds(text: &str, wanted: &str) -> Result<()> {
    if text.contains(wanted) { Ok(()) } else { bail!("{wanted:?} is missing in {text:?}") }
}
