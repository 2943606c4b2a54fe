/**
 * Texts of an adapter in XML and HTML.
 * @module
 */

/** Characters that XML 1.0 does not allow in any form, such as the escape character of a terminal. */
const notInXml = /[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** `text` as content or as the value of an attribute in double quotes, without the characters that XML excludes. */
export function xmlText(text: string): string {
  return text
    .replace(notInXml, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
