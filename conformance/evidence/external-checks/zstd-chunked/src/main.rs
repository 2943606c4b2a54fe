//! Asks the crate zstd-chunked about layers.
//!
//! stdin has one question on each line: the kind `toc`, the path of a blob and that of the annotations of its descriptor,
//! separated by tabs; stdout has one answer on each line, as JSON. `archive` is the SHA-256 digest of the archive that
//! the crate rebuilds from a layer that it accepts.
//!
//! The crate gives its caller the digests of the table of contents and of the files to compare. A layer that only the
//! caller notices has no opinion of the crate.

use std::{collections::HashMap, fs, io, io::Write, ops::Range, panic};

use anyhow::{Context, Error, Result, ensure};
use serde_json::json;
use sha2::{Digest, Sha256, Sha512};
use zstd_chunked::{ContentReference, MetadataReferences, Stream};

/// The digest of the archive, or why the crate rejects the layer.
type Opinion = Result<String, Error>;

fn part<'a>(blob: &'a [u8], range: &Range<u64>) -> Result<&'a [u8]> {
    let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
    blob.get(range).context("a range is outside of the blob")
}

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

fn has_digest(bytes: &[u8], digest: &str) -> bool {
    digest == sha256(bytes) || digest == format!("sha512:{:x}", Sha512::digest(bytes))
}

fn content(blob: &[u8], reference: &ContentReference) -> Result<Vec<u8>> {
    let bytes = zstd::decode_all(part(blob, &reference.range)?)?;
    ensure!(bytes.len() as u64 == reference.size, "a file has another size");
    ensure!(has_digest(&bytes, &reference.digest), "a file has another digest");
    Ok(bytes)
}

/// An error if the caller of the crate notices a defect, or nothing can be asked.
fn ask(layer: &str, annotations: &str) -> Result<Opinion> {
    let blob = fs::read(layer)?;
    let annotations: HashMap<String, String> = serde_json::from_slice(&fs::read(annotations)?)?;
    // The crate returns the same for annotations that it cannot read.
    let references = MetadataReferences::from_oci(|key| annotations.get(key))
        .context("no annotations of a table of contents and tar-split data")?;
    let table = part(&blob, &references.manifest.range)?;
    if let Some(digest) = &references.manifest.digest {
        ensure!(has_digest(table, digest), "the table of contents has another digest");
    }
    // The digest of the tar-split data is in an annotation that is not used any more (TOC-009).
    let stream = match Stream::new_from_frames(table, part(&blob, &references.tarsplit.range)?) {
        Ok(stream) => stream,
        Err(error) => return Ok(Err(error)),
    };
    let mut archive = Vec::new();
    stream.write_to(&mut archive, |reference| content(&blob, reference))?;
    Ok(Ok(sha256(&archive)))
}

fn answer(question: &str) -> Result<Opinion> {
    let &["toc", layer, annotations] = question.split('\t').collect::<Vec<_>>().as_slice() else {
        return Err(Error::msg("a question has three parts"));
    };
    panic::catch_unwind(|| ask(layer, annotations)).unwrap_or_else(|_| Err(Error::msg("it panicked")))
}

fn main() -> Result<()> {
    let mut answers = io::stdout().lock();
    for question in io::stdin().lines() {
        let (opinion, archive, message) = match answer(&question?) {
            Ok(Ok(archive)) => ("accepts", Some(archive), String::new()),
            Ok(Err(error)) => ("rejects", None, format!("{error:#}")),
            Err(error) => ("none", None, format!("{error:#}")),
        };
        let answer = json!({ "opinion": opinion, "entries": null, "archive": archive, "message": message });
        writeln!(answers, "{answer}")?;
    }
    Ok(())
}
