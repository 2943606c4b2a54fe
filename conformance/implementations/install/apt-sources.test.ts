import { describe, expect, test } from 'vitest';
import { debianSource, parseDeb822, parseList } from './apt-sources.ts';

describe('parseDeb822', () => {
  test('reads a stanza with comments and continued lines', () => {
    const text = `
Types: deb deb-src
# https://old.example/debian
URIs: https://one.example/debian
 https://two.example/debian
Suites: trixie
  trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp
`;
    const rest = {
      suites: ['trixie', 'trixie-updates'],
      components: ['main'],
      signedBy: '/usr/share/keyrings/debian-archive-keyring.pgp',
    };
    expect(parseDeb822(text)).toEqual([
      { uri: 'https://one.example/debian', ...rest },
      { uri: 'https://two.example/debian', ...rest },
    ]);
  });

  test('omits disabled sources and sources of source code', () => {
    const rest = 'URIs: https://one.example/debian\nSuites: sid\nComponents: main\n';
    expect(parseDeb822(`Enabled: no\nTypes: deb\n${rest}\nTypes: deb-src\n${rest}`)).toEqual([]);
  });

  test('does not use an embedded key as a path', () => {
    const text = 'Types: deb\nURIs: https://one.example\nSuites: sid\nSigned-By:\n -----BEGIN\n .\n';
    expect(parseDeb822(text)).toEqual([{ uri: 'https://one.example', suites: ['sid'], components: [] }]);
  });
});

describe('parseList', () => {
  test('reads lines with and without options', () => {
    const text = `# deb https://no.example/debian sid main
deb https://one.example/debian bookworm main contrib # ours
deb [arch=amd64 signed-by=/k.gpg] https://two.example/debian sid main
deb-src https://three.example/debian sid main
`;
    expect(parseList(text)).toEqual([
      { uri: 'https://one.example/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
      { uri: 'https://two.example/debian', suites: ['sid'], components: ['main'], signedBy: '/k.gpg' },
    ]);
  });
});

describe('debianSource', () => {
  const other = { uri: 'https://other.example', suites: ['nodistro'], components: ['main'] };
  const security = { uri: 'https://one.example/security', suites: ['trixie-security'], components: ['main'] };
  const debian = {
    uri: 'https://one.example/debian',
    suites: ['trixie', 'trixie-updates'],
    components: ['main'],
  };

  test('is the source of the release', () => {
    expect(debianSource([other, security, debian], 'trixie')).toBe(debian);
  });

  test('is not the source of another release', () => {
    expect(debianSource([other, security, debian], 'forky')).toBeUndefined();
  });
});
