/**
 * The vectors as packages for npm, Go, Rust and Python.
 * @module
 */

import { createHash } from 'node:crypto';
import { below, joinedFiles, type PackageFiles, tarGzOf, textFile, zipOf } from './package-files.ts';

/** What the packages are made from. */
export interface PackageSource {
  readonly version: string;
  /** The files of `vectors/`. */
  readonly vectors: PackageFiles;
}

const DESCRIPTION = 'Test vectors of the composefs-oci standard: inputs and exact results, as data';
const LICENSE = '0BSD OR CC0-1.0';

/** What every package says about itself, and how a program gets the vectors from it. */
function readme(language: string, program: string): string {
  return `# composefs-oci test vectors

${DESCRIPTION}.

\`\`\`${language}
${program}
\`\`\`

- \`vectors/README.md\` describes the indexes, the operations and the expected results.
- The archive \`examples-VERSION.tar.gz\` of the same release has complete programs that run the vectors, and \`README.md\`, a page with the commands for each language.
`;
}

const README = {
  npm: readme(
    'js',
    "import { readFileSync } from 'node:fs';\nimport { folder } from 'composefs-oci-vectors';\n\nconst { cases } = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));",
  ),
  go: readme('go', 'index, err := fs.ReadFile(vectors.FS(), "index.json")'),
  rust: readme('rust', 'let index = composefs_oci_vectors::file("index.tsv").unwrap();'),
  python: readme(
    'python',
    'import json\nimport composefs_oci_vectors\n\nindex = json.loads((composefs_oci_vectors.folder() / "index.json").read_text())',
  ),
};

/** The packages by their file names. */
export async function languagePackages(source: PackageSource): Promise<Map<string, Uint8Array>> {
  const { version } = source;
  return new Map([
    [`composefs-oci-vectors-${version}.tgz`, await tarGzOf(below('package', npmFiles(source)))],
    [
      `composefs-oci-vectors-go-${version}.tar.gz`,
      await tarGzOf(below(`composefs-oci-vectors-go-${version}`, goFiles(source))),
    ],
    [
      `composefs-oci-vectors-${version}.crate`,
      await tarGzOf(below(`composefs-oci-vectors-${version}`, rustFiles(source))),
    ],
    [`composefs_oci_vectors-${version}-py3-none-any.whl`, zipOf(wheelFiles(source))],
  ]);
}

/** The package for npm: the vectors, and a module that says where they are. */
export function npmFiles({ version, vectors }: PackageSource): PackageFiles {
  const manifest = {
    name: 'composefs-oci-vectors',
    version,
    description: DESCRIPTION,
    license: LICENSE,
    type: 'module',
    exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
  };
  return joinedFiles(
    textFile('package.json', `${JSON.stringify(manifest, null, 2)}\n`),
    textFile('README.md', README.npm),
    textFile(
      'index.js',
      "/** The folder with index.json. */\nexport const folder = new URL('vectors/', import.meta.url);\n",
    ),
    textFile('index.d.ts', '/** The folder with index.json. */\nexport declare const folder: URL;\n'),
    below('vectors', vectors),
  );
}

/** The module for Go: the vectors, embedded. */
export function goFiles({ vectors }: PackageSource): PackageFiles {
  const source = `// Package vectors has the test vectors of the composefs-oci standard.
package vectors

import (
	"embed"
	"io/fs"
)

//go:embed all:vectors
var files embed.FS

// FS returns the files of the vectors: index.json, index.tsv, cases and more.
func FS() fs.FS {
	sub, err := fs.Sub(files, "vectors")
	if err != nil {
		panic(err)
	}
	return sub
}
`;
  return joinedFiles(
    textFile('README.md', README.go),
    textFile('go.mod', 'module composefs-oci.example/vectors\n\ngo 1.19\n'),
    textFile('vectors.go', source),
    below('vectors', vectors),
  );
}

/** The crate for Rust: the vectors, as a list made when the crate is built. */
export function rustFiles({ version, vectors }: PackageSource): PackageFiles {
  const manifest = `[package]
name = "composefs-oci-vectors"
version = "${version}"
edition = "2021"
description = "${DESCRIPTION}"
license = "${LICENSE}"
readme = "README.md"
build = "build.rs"

[lib]
path = "src/lib.rs"
`;
  const build = `//! Writes the list of all files, with their contents.

use std::{env, fs, io::Write, path::Path};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("vectors");
    let list = Path::new(&env::var("OUT_DIR").unwrap()).join("files.rs");
    let mut names = Vec::new();
    collect(&root, "", &mut names);
    names.sort();
    let mut out = fs::File::create(list).unwrap();
    writeln!(out, "&[").unwrap();
    for name in names {
        writeln!(out, "({name:?}, include_bytes!({:?})),", root.join(&name)).unwrap();
    }
    writeln!(out, "]").unwrap();
    println!("cargo:rerun-if-changed=vectors");
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), names);
        } else {
            names.push(name);
        }
    }
}
`;
  const library = `//! Test vectors of the composefs-oci standard.

/// All files with their paths, sorted: \`index.json\`, \`index.tsv\`, \`cases/…\` and more.
pub static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The content of a file.
pub fn file(path: &str) -> Option<&'static [u8]> {
    let found = FILES.binary_search_by_key(&path, |&(name, _)| name).ok()?;
    Some(FILES[found].1)
}
`;
  return joinedFiles(
    textFile('Cargo.toml', manifest),
    textFile('README.md', README.rust),
    textFile('build.rs', build),
    textFile('src/lib.rs', library),
    below('vectors', vectors),
  );
}

/** The wheel for Python: the vectors as data of a package. */
export function wheelFiles({ version, vectors }: PackageSource): PackageFiles {
  const info = `composefs_oci_vectors-${version}.dist-info`;
  const module = `"""Test vectors of the composefs-oci standard."""

import importlib.resources


def folder():
    """The folder with index.json, as a traversable of importlib.resources."""
    return importlib.resources.files(__name__) / "vectors"
`;
  const files = joinedFiles(
    textFile('composefs_oci_vectors/__init__.py', module),
    below('composefs_oci_vectors/vectors', vectors),
    textFile(
      `${info}/METADATA`,
      `Metadata-Version: 2.1\nName: composefs-oci-vectors\nVersion: ${version}\nSummary: ${DESCRIPTION}\nLicense: ${LICENSE}\nRequires-Python: >=3.9\nDescription-Content-Type: text/markdown\n\n${README.python}`,
    ),
    textFile(
      `${info}/WHEEL`,
      'Wheel-Version: 1.0\nGenerator: composefs-oci\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ),
  );
  const record = [...files].map(([name, content]) => {
    const hash = createHash('sha256').update(content).digest('base64url');
    return `${name},sha256=${hash},${content.length}\n`;
  });
  return joinedFiles(files, textFile(`${info}/RECORD`, `${record.join('')}${info}/RECORD,,\n`));
}
