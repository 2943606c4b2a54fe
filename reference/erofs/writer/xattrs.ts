/**
 * Extended attributes in bytes (spec/erofs.md, "Extended attributes").
 * @module
 */

import { writeBytes } from '../../bytes.ts';
import {
  BLOCK_SIZE,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
  xattrBody,
  xattrEntry,
} from '../format.ts';
import type { Sink } from './sink.ts';
import { EMPTY_SET, type XattrTable } from './xattr-table.ts';

/** Writes the attributes of an inode where the sink stands (EROFS-025). */
export function writeXattrs(table: XattrTable, set: number, inodesEnd: number, sink: Sink): void {
  if (set === EMPTY_SET) return;
  const { references, inline } = table.divide(set);
  let present = 0;
  for (const attribute of references) present |= table.name(attribute).filterBit;
  for (const attribute of inline) present |= table.name(attribute).filterBit;
  sink.view.setUint32(sink.at + xattrBody.filter, ~present, true);
  sink.view.setUint8(sink.at + xattrBody.sharedCount, references.length);
  sink.at += XATTR_BODY_HEAD;
  for (const attribute of references) {
    const reference = ((inodesEnd % BLOCK_SIZE) + table.sharedOffset(attribute)) / 4;
    sink.view.setUint32(sink.at, reference, true);
    sink.at += XATTR_REFERENCE_SIZE;
  }
  for (const attribute of inline) writeAttribute(table, attribute, sink);
}

/** Writes one attribute, padding counted, where the sink stands (EROFS-024). */
export function writeAttribute(table: XattrTable, attribute: number, sink: Sink): void {
  const { index, suffix } = table.name(attribute);
  const value = table.value(attribute);
  const { at } = sink;
  sink.view.setUint8(at + xattrEntry.nameLength, suffix.length);
  sink.view.setUint8(at + xattrEntry.index, index);
  sink.view.setUint16(at + xattrEntry.valueLength, value.length, true);
  writeBytes(suffix, sink.bytes, at + XATTR_ENTRY_HEAD);
  writeBytes(value, sink.bytes, at + XATTR_ENTRY_HEAD + suffix.length);
  sink.at += table.entrySize(attribute);
}
