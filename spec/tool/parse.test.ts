import { describe, expect, test } from 'vitest';
import { parseChapter } from './parse.ts';
import { entriesOf, vanishedIds } from './requirements.ts';

const item = (text: string) => {
  const [requirement] = parseChapter('a.md', `# A\n\n${text}`).requirements;
  if (requirement === undefined) throw new Error('no requirement');
  return requirement;
};

describe('a requirement', () => {
  const full = item(
    [
      '- <a id="EROFS-031"></a>**EROFS-031** The writer MUST set `i_xattr_icount` to',
      '  the count.',
      '  It counts `MUST` too.',
      '',
      '  > **Note:** mkcomposefs does so.',
      '',
      '  - a list of its own',
      '',
      '  Verification: inspection, because nobody sees it.',
    ].join('\n'),
  );

  test('is all of its list item except block quotes', () => {
    expect(full).toMatchObject({
      id: 'EROFS-031',
      anchor: 'EROFS-031',
      text: 'The writer MUST set `i_xattr_icount` to the count. It counts `MUST` too. a list of its own',
      line: 3,
    });
  });

  test('has one keyword, which code is not, and the actor before it', () => {
    expect(full).toMatchObject({ keywords: ['MUST'], actor: 'writer' });
    expect(item('- **TREE-001** In a layer, the tree builder MUST NOT guess.')).toMatchObject({
      keywords: ['MUST NOT'],
      actor: 'tree builder',
    });
    expect(item('- **TREE-001** The kernel MUST do it.').actor).toBeUndefined();
    expect(item('- **TREE-001** The writer of books MUST do it.').actor).toBeUndefined();
  });

  test('says how it is verified on the last line of a paragraph', () => {
    expect(full.verification).toEqual({ by: 'inspection', because: 'nobody sees it' });
    expect(item('- **TREE-001** The reader MUST.').verification).toEqual({ by: 'vector' });
    expect(item('- **TREE-001** The reader MUST.\n  Verification: runner.').verification).toEqual({
      by: 'runner',
    });
    expect(item('- **TREE-001** The reader MUST.\n  Verification: hope.').verification.by).toBe('unknown');
    expect(item('- **TREE-001** The reader MUST.\n  Verification: runner.\n  More.').verification.by).toBe(
      'unknown',
    );
    expect(
      item('- **TREE-001** The reader MUST.\n  Verification: runner.\n\n  A note.').verification,
    ).toEqual({
      by: 'runner',
    });
    expect(item('- **TREE-001** The reader MUST.\n  Verification: runner.').text).toBe('The reader MUST.');
  });

  test('can be withdrawn', () => {
    expect(item('- **TREE-001** *(withdrawn in 0.2, replaced by TREE-002)* The reader MUST.')).toMatchObject({
      withdrawn: true,
      replacedBy: 'TREE-002',
    });
    expect(full).toMatchObject({ withdrawn: false, replacedBy: undefined });
  });

  test('is not any other list item', () => {
    expect(parseChapter('a.md', '- **Bold** item\n- EROFS-001 plain\n').requirements).toEqual([]);
  });
});

describe('a chapter', () => {
  test('has anchors for headings and for requirements', () => {
    const source =
      '# The `i_nlink` field, v1\n\n## Same\n\n## Same\n\n- <a id="TREE-001"></a>**TREE-001** x\n';
    expect([...parseChapter('a.md', source).anchors]).toEqual([
      'the-i_nlink-field-v1',
      'same',
      'same-1',
      'TREE-001',
    ]);
  });

  test('has examples with the name on the line above', () => {
    const source = '<!-- example: tiny -->\n```dumpfile\n/ 0\n```\n\n```json\n{}\n```\n\n    indented\n';
    expect(parseChapter('a.md', source).fences).toMatchObject([
      { name: 'tiny', language: 'dumpfile', content: '/ 0\n', line: 2 },
      { name: undefined, language: 'json', line: 6 },
      { name: undefined, language: 'indented', line: 10 },
    ]);
  });
});

describe('entries', () => {
  const chapters = [
    parseChapter(
      'b.md',
      '- **TREE-002** The printer MUST.\n- **TREE-001** *(withdrawn in 0.2)* The reader MAY.\n',
    ),
  ];

  test('keep the version that brought them', () => {
    const before = entriesOf(chapters, [], '0.1');
    const old = before.filter(entry => entry.id === 'TREE-001');
    expect(entriesOf(chapters, old, '0.2').map(({ id, since }) => [id, since])).toEqual([
      ['TREE-001', '0.1'],
      ['TREE-002', '0.2'],
    ]);
  });

  test('name classes, status and the hash of the text', () => {
    expect(entriesOf(chapters, [], '0.1')[1]).toEqual({
      id: 'TREE-002',
      level: 'MUST',
      actor: 'printer',
      text: 'The printer MUST.',
      // printf 'The printer MUST.' | sha256sum
      hash: 'a69e1da3',
      file: 'spec/b.md',
      line: 1,
      since: '0.1',
      status: 'active',
      replacedBy: null,
      classes: ['tree-builder', 'reader'],
      verification: 'vector',
    });
  });

  test('show what vanished', () => {
    const before = entriesOf(chapters, [], '0.1');
    expect(vanishedIds([], before)).toEqual(['TREE-001', 'TREE-002']);
    expect(vanishedIds(chapters, before)).toEqual([]);
  });
});
