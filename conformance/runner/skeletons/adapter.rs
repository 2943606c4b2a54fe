//! An adapter for the composefs-oci conformance suite, with the standard library alone.
//!
//! Requests come on stdin, answers go to stdout, one JSON object a line. Text for people goes to stderr.
//! conformance/README.md of the suite describes the protocol.

use std::io::{self, BufRead, Write};

/// Declare only what your implementation can do: everything else is not tested.
const HELLO: &str = concat!(
    r#"{"type":"hello","protocol":1,"implementation":{"name":"my-tool","version":"0.1.0","language":"Rust"},"#,
    r#""specVersions":["1.0"],"operations":["fsverity.digest"],"features":["digest.sha256-12"]}"#
);

/// Why there is no result.
enum Failure {
    /// The input is wrong.
    Rejected { stage: &'static str, reason: &'static str },
    /// Something else failed.
    Error(String),
}

/// The value of one string member. This works because the runner writes JSON without spaces, and the values of these
/// members contain no quotes or backslashes. An adapter that needs more should use serde_json.
fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let start = format!("\"{name}\":\"");
    match line.split_once(&start) {
        Some((_, rest)) => rest.split('"').next().unwrap_or(""),
        None => "",
    }
}

/// `text` as a JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if u32::from(c) < 0x20 => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json + "\""
}

fn fsverity_digest(line: &str) -> Result<String, Failure> {
    if field(line, "algorithm") != "fsverity-sha256-12" {
        return Err(Failure::Rejected { stage: "request", reason: "REQUEST_ALGORITHM" });
    }
    // TODO: the fs-verity digest of the file `data` in hex, with your implementation.
    Err(Failure::Error(format!("not implemented yet: {}", field(line, "data"))))
}

fn answer(line: &str) -> String {
    let result = match field(line, "op") {
        "fsverity.digest" => fsverity_digest(line),
        _ => Err(Failure::Error("hello does not declare this operation".into())),
    };
    let result = match result {
        Ok(digest) => format!(r#""status":"ok","values":{{"digest":{}}}"#, quoted(&digest)),
        Err(Failure::Rejected { stage, reason }) => {
            format!(r#""status":"rejected","stage":"{stage}","reason":"{reason}""#)
        }
        Err(Failure::Error(message)) => format!(r#""status":"error","message":{}"#, quoted(&message)),
    };
    format!(r#"{{"type":"done","id":"{}",{result}}}"#, field(line, "id"))
}

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    for line in io::stdin().lock().lines() {
        let line = line?;
        match field(&line, "type") {
            "hello" => writeln!(out, "{HELLO}")?,
            "run" => writeln!(out, "{}", answer(&line))?,
            "bye" => break,
            _ => {}
        }
        out.flush()?;
    }
    Ok(())
}
