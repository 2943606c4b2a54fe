/**
 * The words of a text, in a form in which two texts that mean the same have the same words.
 * @module
 */

/** Words that say nothing about what is looked for. */
const commonWords = new Set(
  `a an and are as at be but by can do does for from has have how i if in into is it its may must my not of on or
  should that the their them then there they this to was what when where which who why will with you`.split(
    /\s+/,
  ),
);

/** One word for what the field has several names for. Only whole words are replaced. */
const names: readonly (readonly [name: string, others: string])[] = [
  ['setid', 'set-?id|set-user-id|set-group-id|setuid|setgid|suid|sgid'],
  ['xattr', 'extended attributes?|xattrs'],
  ['hardlink', 'hard[ -]links?|hardlinks'],
  ['symlink', 'symbolic[ -]links?|soft ?links?|symlinks'],
  ['cmdline', '(?:kernel )?command[ -]line|cmd ?line|karg|kernel arguments?'],
  ['directory', 'dirs?|folders?'],
  ['fsverity', 'fs-?verity'],
  ['dmverity', 'dm-?verity'],
  ['device', 'device nodes?|mknod'],
  ['character device', 'char dev(?:ice)?s?|chardevs?'],
  ['owner', 'uids?|user ids?|chown|ownership'],
  ['group', 'gids?|group ids?'],
  ['mode', 'permissions?|perms|chmod'],
  ['mtime', 'modification times?|timestamps?'],
  ['utf-8', 'utf8|unicode'],
  ['little-endian', 'endian(?:ness)?|byte order'],
  ['hash', 'checksums?'],
  ['remove', 'delet(?:e|es|ed|ing|ion)|unlink|prune'],
  ['maximum', 'max|largest|limits?'],
  ['gc', 'garbage[ -]collect(?:ion|or)?'],
  ['cert', 'certificates?|x\\.?509'],
  ['platform', 'multi-?arch|arch|multi-platform'],
  ['name', 'file ?names?'],
];
const anyOther = new RegExp(
  `(?<![\\p{L}\\p{N}_.-])(?:${names.map(([, others]) => `(${others})`).join('|')})(?![\\p{L}\\p{N}_-])`,
  'gu',
);

/** Words that are used for each other, or that occur where the other is asked for. A line is a group. */
const related: readonly (readonly string[])[] = `
accept allow permit support
attribute xattr
block chunk
boot bootable
cert key pkcs sign signature signed
check validate verify
choose pick select
compress gzip zstd
dedup share shared
digest hash
duplicate equal repeat same twice
embed inline store
empty zero
error fail forbid invalid malform reject
export publish push
fetch download import pull
format version
fraction nanosecond subsecond
gc removal remove
group owner user
hole sparse
keep preserve retain stay
label selinux
large length long maximum size
layer archive tar
lack absent missing without
marker remove whiteout
name path
name reference tag
dangling need orphan unreferenced unused
order sort bytewise`
  .trim()
  .split('\n')
  .map(group => group.split(' ').map(stem));

/** The words of a text, with one name for each thing. */
export function wordsOf(text: string): string[] {
  return stemsOf(
    text.toLowerCase().replaceAll(anyOther, (_, ...groups) => {
      const [name = ''] = names[groups.findIndex(group => group !== undefined)] ?? [];
      return name;
    }),
  );
}

/** All words by which a text is found: its own, and those of {@link wordsOf}. */
export function wordsToFind(text: string): string[] {
  return [...stemsOf(text.toLowerCase()), ...wordsOf(text)];
}

/** The stems of the words, and of the parts of compound words as well. */
function stemsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*/gu) ?? []).flatMap(token => {
    const word = token.replace(/[.-]+$/, '');
    // The id of a requirement says nothing about its subject.
    if (/^[a-z]+-[0-9]{3}$/.test(word)) return [word];
    const parts = word.split(/[._-]/).filter(part => part.length > 1);
    return parts.length > 1 ? [word, ...parts.map(stem)] : [stem(word)];
  });
}

/** The words of a query: without common ones, unless there are no others. */
export function wordsOfQuery(query: string): string[] {
  const all = wordsOf(query);
  const telling = all.filter(word => !commonWords.has(word));
  return [...new Set(telling.length > 0 ? telling : all)];
}

/** The words that are related to a stem. */
export function relatedTo(word: string): string[] {
  const groups = related.filter(group => group.includes(word));
  return [...new Set(groups.flat())].filter(each => each !== word);
}

/** A word without its endings, so that "padded" finds "padding", and "images" finds "image". */
export function stem(word: string): string {
  if (word.length < 4 || /[\p{N}_]/u.test(word)) return word;
  return word
    .replace(/ies$/, 'y')
    .replace(/(?<=[sxz]|[cs]h)es$/, '')
    .replace(/(?<![su])s$/, '')
    .replace(/(?<=[aeiouy].*[a-z])(?:ing|ed)$/, '')
    .replace(/([bdgmnprt])\1$/, '$1')
    .replace(/(?:ification|ify|ifi)$/, 'if')
    .replace(/(?<=[st])ion$/, '')
    .replace(/(?<=.{3})[eiy]$/, '');
}
