//! Runs the cases of fsverity.digest from index.tsv in the crate with the vectors.

use composefs_oci_vectors::file;
use sha2::{Digest, Sha256, Sha512};

const BLOCK: usize = 4096;

/// The implementation: spec/fsverity.md.
fn digest<H: Digest>(number: u8, data: &[u8]) -> String {
    let mut level = data.to_vec();
    let mut root = Vec::new();
    while !level.is_empty() {
        root.clear();
        for block in level.chunks(BLOCK) {
            let mut padded = block.to_vec();
            padded.resize(BLOCK, 0);
            root.extend_from_slice(&H::digest(&padded));
        }
        if level.len() <= BLOCK {
            break;
        }
        level.clone_from(&root);
    }
    let mut descriptor = [0; 256];
    descriptor[..3].copy_from_slice(&[1, number, 12]);
    descriptor[8..16].copy_from_slice(&(data.len() as u64).to_le_bytes());
    descriptor[16..16 + root.len()].copy_from_slice(&root);
    H::digest(descriptor).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value of the item `NAME=VALUE` in a column.
fn item<'a>(column: &'a str, name: &str) -> Option<&'a str> {
    column.split(' ').find_map(|each| each.strip_prefix(name)?.strip_prefix('='))
}

/// The bytes of an input: a path, or `generate:PATTERN:SIZE:SHA256`.
fn input(source: &str) -> Vec<u8> {
    if let Some(generated) = source.strip_prefix("generate:") {
        let parts: Vec<&str> = generated.split(':').collect();
        let pattern: Vec<u8> = (0..parts[0].len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&parts[0][at..at + 2], 16).unwrap())
            .collect();
        return pattern.into_iter().cycle().take(parts[1].parse().unwrap()).collect();
    }
    file(source).expect("a file of the vectors").to_vec()
}

fn main() {
    let index = std::str::from_utf8(file("index.tsv").unwrap()).unwrap();
    let (mut passed, mut failed, mut left_out) = (0, 0, 0);
    for line in index.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        if columns[1] != "fsverity.digest" {
            continue;
        }
        let known = ["digest.sha256-12", "digest.sha512-12"];
        if !columns[8].split(' ').all(|need| need.is_empty() || known.contains(&need)) {
            left_out += 1;
            continue;
        }
        let data = || input(item(columns[5], "data").unwrap());
        let expected = item(columns[7], "digest");
        let ok = match item(columns[6], "algorithm") {
            Some("fsverity-sha256-12") => expected == Some(&digest::<Sha256>(1, &data())),
            Some("fsverity-sha512-12") => expected == Some(&digest::<Sha512>(2, &data())),
            _ => columns[3] == "reject" && columns[7].contains("REQUEST_ALGORITHM"),
        };
        if ok {
            passed += 1;
        } else {
            failed += 1;
            println!("FAIL {} - {}", columns[0], columns[11]);
        }
    }
    println!("{passed} passed, {failed} failed, {left_out} left out");
    std::process::exit((failed > 0 || passed == 0) as i32);
}
