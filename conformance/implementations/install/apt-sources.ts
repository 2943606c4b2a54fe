/**
 * The sources of Debian packages that `/etc/apt` configures.
 * @module
 */

/** One archive of packages. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of the keyring that signs it, if the configuration names one. */
  readonly signedBy?: string;
}

/** The enabled sources of binary packages in a deb822 `.sources` file. */
export function parseDeb822(text: string): AptSource[] {
  const lines = text.split('\n').filter(line => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap(stanza => {
      const fields = new Map<string, string>();
      for (const [, name = '', value = ''] of stanza.matchAll(/^([^\s:]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
        fields.set(name.toLowerCase(), value.trim());
      }
      if (/^(no|false|without|off|disable|0)$/i.test(fields.get('enabled') ?? '')) return [];
      if (!words(fields.get('types')).includes('deb')) return [];
      const rest = { suites: words(fields.get('suites')), components: words(fields.get('components')) };
      const keyring = keyringOf(fields.get('signed-by'));
      return words(fields.get('uris')).map(uri => ({ uri, ...rest, ...keyring }));
    });
}

/** The sources of binary packages in a one-line `.list` file. */
export function parseList(text: string): AptSource[] {
  return text.split('\n').flatMap(line => {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?([^\s#]+)\s+([^\s#]+)([^#]*)/.exec(line);
    if (found === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = found;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, suites: [suite], components: words(components), ...keyringOf(signedBy) }];
  });
}

/** The source of Debian itself: `main` of the release `codename`, or of a suite without a codename. */
export function debianSource(sources: readonly AptSource[], codename: string): AptSource | undefined {
  const suites = new Set([codename, 'stable', 'testing', 'unstable', 'sid']);
  return sources.find(
    source => source.components.includes('main') && source.suites.some(suite => suites.has(suite)),
  );
}

function words(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter(word => word !== '');
}

/** `Signed-By` can also contain the key itself; the machine's own keyring is used then. */
function keyringOf(value: string | undefined): { signedBy?: string } {
  return value?.startsWith('/') ? { signedBy: value } : {};
}
